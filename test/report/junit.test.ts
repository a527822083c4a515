import fc from 'fast-check';
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { describe, expect, it } from 'vitest';
import { junit } from '../../src/report/junit.ts';
import { aFailure, aRun, aTest } from './results.ts';

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '',
  isArray: (name) => name === 'testcase' || name === 'testsuite',
});

describe('junit', () => {
  it('counts exactly, in all and for each suite', () => {
    const xml = junit.serialize(
      aRun([
        aTest(),
        aTest({
          test: 'row',
          case: 'item: 1',
          outcome: 'failed',
          failures: [aFailure, aFailure],
          durationMs: 1_250,
        }),
        aTest({ suite: 'Users', outcome: 'skipped', skipped: 'not yet' }),
      ]),
    );
    expect(XMLValidator.validate(xml)).toBe(true);
    expect(parser.parse(xml).testsuites).toMatchObject({
      tests: '3',
      failures: '1',
      errors: '0',
      skipped: '1',
      time: '3.400',
      testsuite: [
        {
          name: 'Orders',
          tests: '2',
          failures: '1',
          skipped: '0',
          time: '1.284',
          timestamp: '2026-01-02T03:04:05',
          properties: { property: { name: 'seed', value: '123' } },
          testcase: [
            { name: 'it works', classname: 'Orders', time: '0.034', line: '3' },
            { name: 'row [item: 1]', failure: { message: 'status is 500, expected 2xx', type: 'steps' } },
          ],
        },
        { name: 'Users', tests: '1', skipped: '1', testcase: [{ skipped: { message: 'not yet' } }] },
      ],
    });
  });

  it('is valid XML whatever stands in names and messages', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string(), (name, message) => {
        const failure = { ...aFailure, message: `${message}\u0000\u001b[31m]]>\ud800` };
        const xml = junit.serialize(aRun([aTest({ test: name, outcome: 'failed', failures: [failure] })]));
        expect(XMLValidator.validate(xml)).toBe(true);
        expect(xml).not.toMatch(/[^\P{Cc}\t\n\r\u0080-\u009f\u007f]/u);
      }),
    );
  });
});
