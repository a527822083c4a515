import { expect, it, onTestFinished, vi } from 'vitest';
import { notingTracer } from '../kit/tracing/noting-tracer.ts';
import { startAnalytics } from './start-analytics.ts';
import { refusalOf, watch } from './watcher.ts';

it('opening a WebSocket is a span, which is over when it is open or refused, and tells no token', async () => {
  const { tracer, spans } = notingTracer();
  const analytics = await startAnalytics({ tracer });
  onTestFinished(analytics.stop);
  const request = (path: string) => spans.find(({ attributes }) => attributes['url.path'] === path);
  const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
  await watch(`${analytics.url}/live?access_token=a-secret`, { headers: { traceparent } });
  await refusalOf(`${analytics.url}/elsewhere?access_token=a-secret`);
  await vi.waitFor(() => {
    expect(request('/live')).toMatchObject({
      name: 'GET /live',
      kind: 'server',
      parent: { spanId: '00f067aa0ba902b7' },
      attributes: { 'http.response.status_code': 101, 'http.route': '/live' },
      isOver: true,
    });
    expect(request('/elsewhere')).toMatchObject({
      name: 'GET',
      attributes: { 'http.response.status_code': 404 },
      failure: undefined,
      isOver: true,
    });
  });
  expect(JSON.stringify(spans)).not.toContain('a-secret');
});
