// The embedded broker beside RabbitMQ, in one run and with the same client: how many persistent messages of 1 kB per
// second each confirms, and delivers and has acknowledged. Rounds alternate, so that whatever else this machine does
// meanwhile meets both; only the ratio means anything.
//
//   npm run build && node bench/broker/throughput.mjs [--messages 20000] [--rounds 3] [--memory-test]
//
// RabbitMQ must listen on 127.0.0.1:5672 (guest/guest). --memory-test measures instead how much memory the embedded
// broker takes with 200,000 messages waiting and a slow consumer.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import amqp from 'amqplib';

const { values } = parseArgs({
  options: {
    messages: { type: 'string', default: '20000' },
    rounds: { type: 'string', default: '3' },
    'memory-test': { type: 'boolean', default: false },
  },
});
const BIN = fileURLToPath(new URL('../../bin/shopctl.js', import.meta.url));
const BODY = Buffer.alloc(1_000, 'x');
const IN_FLIGHT = 2_000;

const folder = mkdtempSync(join(tmpdir(), 'shopctl-bench-'));
const broker = spawn(process.execPath, [BIN, 'broker', '--port', '0', '--json', '--data', folder]);
broker.stderr.pipe(process.stderr);
try {
  const [line] = await new Promise((resolve) => {
    broker.stdout.setEncoding('utf8').once('data', (text) => resolve(text.split('\n')));
  });
  const { url } = JSON.parse(line);
  if (values['memory-test']) await memoryTest(url);
  else await throughput({ embedded: url, RabbitMQ: 'amqp://guest:guest@127.0.0.1:5672' });
} finally {
  broker.kill('SIGTERM');
  await new Promise((resolve) => broker.once('exit', resolve));
  rmSync(folder, { recursive: true });
}

async function throughput(urls) {
  const messages = Number(values.messages);
  const results = { embedded: [], RabbitMQ: [] };
  for (let round = 0; round < Number(values.rounds); round += 1) {
    for (const [name, url] of Object.entries(urls)) results[name].push(await oneRound(url, messages));
  }
  const median = (name, part) => {
    const sorted = results[name].map((result) => result[part]).sort((a, b) => a - b);
    return sorted[Math.floor(sorted.length / 2)];
  };
  for (const part of ['publish+confirm', 'consume+ack']) {
    const [own, theirs] = [median('embedded', part), median('RabbitMQ', part)];
    console.log(
      `${part.padEnd(16)} embedded ${Math.round(own)}/s  RabbitMQ ${Math.round(theirs)}/s  ratio ${(own / theirs).toFixed(2)}`,
    );
  }
}

async function oneRound(url, messages) {
  const connection = await amqp.connect(url, { noDelay: true });
  const channel = await connection.createConfirmChannel();
  const { queue } = await channel.assertQueue(`shopctl-bench-${crypto.randomUUID()}`, { durable: true });
  const publish = await perSecond(messages, () => publishAll(channel, queue, messages));
  const consume = await perSecond(messages, () => consumeAll(channel, queue, messages));
  await channel.deleteQueue(queue);
  await connection.close();
  return { 'publish+confirm': publish, 'consume+ack': consume };
}

/** Keeps so many unconfirmed, and resolves when all are confirmed. */
function publishAll(channel, queue, messages) {
  return new Promise((resolve, reject) => {
    let sent = 0;
    let confirmed = 0;
    const fill = () => {
      while (sent < messages && sent - confirmed < IN_FLIGHT) {
        sent += 1;
        channel.sendToQueue(queue, BODY, { persistent: true }, (error) => {
          if (error) reject(error);
          confirmed += 1;
          if (confirmed === messages) resolve();
          else if (sent - confirmed === IN_FLIGHT / 2) fill();
        });
      }
    };
    fill();
  });
}

async function consumeAll(channel, queue, messages) {
  await channel.prefetch(1_000);
  let received = 0;
  await new Promise((resolve) => {
    channel.consume(queue, (message) => {
      // Nothing more comes once the queue is deleted.
      if (message === null) return;
      channel.ack(message);
      received += 1;
      if (received === messages) resolve();
    });
  });
  // Answered behind the last acknowledgement.
  await channel.checkQueue(queue);
}

async function perSecond(count, work) {
  const start = performance.now();
  await work();
  return count / ((performance.now() - start) / 1_000);
}

async function memoryTest(url) {
  const rss = () =>
    Math.round(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${broker.pid}/status`, 'utf8'))[1]) / 1_024);
  console.log(`at rest: ${rss()} MiB`);
  const connection = await amqp.connect(url, { noDelay: true });
  const channel = await connection.createConfirmChannel();
  const { queue } = await channel.assertQueue('bench', { durable: true });
  const slow = await connection.createChannel();
  await slow.prefetch(10);
  let isOpen = true;
  await slow.consume(queue, (message) =>
    setTimeout(() => {
      if (isOpen) slow.ack(message);
    }, 20),
  );
  let highest = 0;
  const watch = setInterval(() => {
    highest = Math.max(highest, rss());
  }, 50);
  await publishAll(channel, queue, 200_000);
  clearInterval(watch);
  const { messageCount } = await channel.checkQueue(queue);
  console.log(`${messageCount} messages of 1 kB waiting: ${rss()} MiB, at most ${highest} MiB`);
  isOpen = false;
  await slow.close();
  const rate = await perSecond(messageCount, () => consumeAll(channel, queue, messageCount));
  console.log(`consumed with ${Math.round(rate)}/s, then ${rss()} MiB`);
  await connection.close();
}
