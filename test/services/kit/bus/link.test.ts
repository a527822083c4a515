import { expect, it, onTestFinished, vi } from 'vitest';
import type { Bus } from '../../../../services/kit/index.ts';
import { envelopeText, openBroker, patience } from './broker.ts';
import { brokerUrl, describeWithBroker } from './broker-url.ts';
import { anything, effect, type Station, startStation } from './station.ts';
import { startTcpProxy } from './tcp-proxy.ts';

const queue = 'payments.order.created';

const simple = (bus: Bus) => bus.consume({ queue, read: anything, handle: effect });

const until = async (station: Station, subjects: string[]) =>
  await vi.waitFor(async () => expect(await station.effects()).toEqual(subjects), patience);

describeWithBroker('the connection to the broker', () => {
  it('comes back when it was cut, and nothing is lost or has its effect twice', async () => {
    const broker = await openBroker();
    const proxy = await startTcpProxy(brokerUrl);
    onTestFinished(proxy.stop);
    const station = await startStation({ bus: { ...broker.settings, url: proxy.url }, consumers: simple });
    await station.publish('order.created', '1');
    await until(station, ['1']);
    proxy.cut('let-through');
    await station.publish('order.created', '2');
    await until(station, ['1', '2']);
    proxy.cut('refuse');
    await station.publish('order.created', '3');
    proxy.letThrough();
    await until(station, ['1', '2', '3']);
    expect(station.service.logText()).toContain('no connection to the broker');
    expect(station.service.logText()).not.toContain('guest');
  });

  it('a connection that is lost while an event is handled leads to one effect', async () => {
    const broker = await openBroker();
    const proxy = await startTcpProxy(brokerUrl);
    onTestFinished(proxy.stop);
    let prepared = 0;
    const station = await startStation({
      bus: { ...broker.settings, url: proxy.url },
      consumers: (bus) =>
        bus.consume({
          queue,
          read: anything,
          prepare: async () => {
            prepared += 1;
            // The broker delivers again what this session can no longer acknowledge.
            proxy.cut('let-through');
          },
          apply: effect,
        }),
    });
    await station.publish('order.created', '1');
    await vi.waitFor(() => expect(station.service.logText()).toContain('"outcome":"duplicate"'), patience);
    expect(await station.effects()).toEqual(['1']);
    expect(prepared).toBe(1);
  });

  it('declares everything again when a queue was deleted', async () => {
    const broker = await openBroker();
    const station = await startStation({ bus: broker.settings, consumers: simple });
    await station.publish('order.created', '1');
    await until(station, ['1']);
    const { name } = broker.topology.queue(queue);
    await broker.deleteQueue(name);
    await vi.waitFor(async () => expect(await broker.depth(name)).toBe(0), patience);
    await broker.send(name, envelopeText('order.created'));
    await until(station, ['1', '42']);
  });

  it('a wrong password is told without the password', async () => {
    const broker = await openBroker();
    const wrong = new URL(brokerUrl);
    wrong.password = 'very-secret';
    const station = await startStation({ bus: { ...broker.settings, url: wrong.href }, consumers: simple });
    await vi.waitFor(
      () => expect(station.service.logText()).toContain('no connection to the broker'),
      patience,
    );
    expect(station.service.logText()).not.toContain('very-secret');
  });
});
