import { createServer } from 'node:http';
import express from 'express';
import { expect, it, onTestFinished } from 'vitest';
import { madeFor } from '../../../services/kit/app/made-for.ts';

it('requests and answers are of the app before Express sees them, so that it has no prototype to change', async () => {
  const app = express();
  const seen: boolean[] = [];
  app.get('/', (request, response) => {
    expect(request.app).toBe(app);
    response.status(201).json({ query: request.query });
  });
  const server = createServer(madeFor(app), (request, response) => {
    const before = [Object.getPrototypeOf(request), Object.getPrototypeOf(response)];
    seen.push(before[0] === app.request, before[1] === app.response);
    app(request, response);
    seen.push(Object.getPrototypeOf(request) === before[0], Object.getPrototypeOf(response) === before[1]);
  }).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  const answer = await fetch(`http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/?a=b`);
  expect(answer.status).toBe(201);
  expect(await answer.json()).toEqual({ query: { a: 'b' } });
  expect(seen).toEqual([true, true, true, true]);
});
