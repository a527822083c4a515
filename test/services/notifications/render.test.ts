import { describe, expect, it } from 'vitest';
import { isWellFormed, render } from '../../../services/notifications/render.ts';

describe('a template', () => {
  it('has its placeholders filled, with blanks around their names or without', () => {
    const content = { subject: 'Order {{id}}', text: '{{ id }}: {{n}} pieces, gift: {{gift}}, {{id}}' };
    expect(render(content, { id: 'A1', n: 2, gift: false, more: 'left aside' })).toEqual({
      subject: 'Order A1',
      text: 'A1: 2 pieces, gift: false, A1',
    });
  });

  it('keeps what is filled in from being markup, another header, or another placeholder', () => {
    const evil = `<b onclick="x('y')">&</b>\r\nBcc: all@example.com {{secret}} $& \u0007`;
    const filled = render(
      { subject: '{{x}}', text: '{{x}}', html: '<p title="{{x}}">{{x}}</p>' },
      { x: evil },
    );
    expect(filled.subject).toBe(`<b onclick="x('y')">&</b> Bcc: all@example.com {{secret}} $&  `);
    expect(filled.text).toBe(`<b onclick="x('y')">&</b>\nBcc: all@example.com {{secret}} $& `);
    const safe =
      '&lt;b onclick=&quot;x(&#39;y&#39;)&quot;&gt;&amp;&lt;/b&gt;\nBcc: all@example.com {{secret}} $&amp; ';
    expect(filled.html).toBe(`<p title="${safe}">${safe}</p>`);
  });

  it.each(['constructor', 'toString', 'order_id'])(
    'is refused with 422 where there is no data for {{%s}}',
    (name) => {
      let refusal: unknown;
      try {
        render({ subject: `{{${name}}}`, text: `{{${name}}} {{known}}` }, { known: 1 });
      } catch (error) {
        refusal = error;
      }
      expect(refusal).toMatchObject({ facts: { status: 422, members: { missing: [name] } } });
    },
  );

  it.each([
    ['plain { braces }', true],
    ['{{name}}{{ other_1 }}', true],
    ['{{name', false],
    ['name}}', false],
    ['{{}}', false],
    ['{{a b}}', false],
    ['{{1st}}', false],
    ['{{{name}}}', true],
    ['{{__proto__}}', false],
    [`{{${'n'.repeat(65)}}}`, false],
  ])('%j is well-formed: %s', (template, expected) => {
    expect(isWellFormed(template)).toBe(expected);
  });
});
