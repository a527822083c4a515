/** Nothing but its own style and script, and nobody may frame it. */
const NONCE = 'shopctl-broker-page';

export const PAGE_POLICY = {
  'content-security-policy': `default-src 'none'; connect-src 'self'; style-src 'nonce-${NONCE}'; script-src 'nonce-${NONCE}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
} as const;

/** Queues, exchanges and rates, asked for every two seconds. The names of others are put in as text only. */
export const PAGE = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>shopctl broker</title>
<style nonce="${NONCE}">
  :root { color-scheme: light dark }
  body { font: 14px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem; padding: 0 1rem }
  h2 { margin: 2rem 0 .5rem; font-size: 1.1rem }
  table { border-collapse: collapse; width: 100% }
  th, td { text-align: right; padding: .25rem .75rem; border-bottom: 1px solid #8884; white-space: nowrap }
  th:first-child, td:first-child { text-align: left; white-space: normal; overflow-wrap: anywhere }
  tbody tr.dead td:nth-child(2) { color: #c33; font-weight: bold }
  #gone { color: #c33 }
</style>
<h1>shopctl broker</h1>
<p id="summary" aria-live="polite">…</p>
<p id="gone" role="status"></p>
<h2>Queues</h2>
<table>
  <thead><tr><th scope="col">Name<th scope="col">Ready<th scope="col">Unacked<th scope="col">Consumers<th scope="col">In /s<th scope="col">Out /s<th scope="col">Acked /s</thead>
  <tbody id="queues"></tbody>
</table>
<h2>Exchanges</h2>
<table>
  <thead><tr><th scope="col">Name<th scope="col">Type<th scope="col">Published<th scope="col">In /s</thead>
  <tbody id="exchanges"></tbody>
</table>
<script nonce="${NONCE}">
  const ask = async (path) => {
    const response = await fetch(path);
    if (!response.ok) throw new Error(response.status + ' ' + response.statusText);
    return response.json();
  };
  const row = (cells, className) => {
    const line = document.createElement('tr');
    if (className) line.className = className;
    for (const cell of cells) line.insertCell().textContent = String(cell);
    return line;
  };
  const fill = (id, rows) => document.getElementById(id).replaceChildren(...rows);
  const byName = (a, b) => (a.name < b.name ? -1 : 1);
  const show = async () => {
    const [overview, queues, exchanges] = await Promise.all(
      ['/api/overview', '/api/queues', '/api/exchanges'].map(ask));
    const { queue_totals: messages, object_totals: objects, message_stats: stats } = overview;
    document.getElementById('summary').textContent =
      messages.messages_ready + ' ready, ' + messages.messages_unacknowledged + ' unacked · ' +
      stats.publish_details.rate + ' published/s, ' + stats.deliver_get_details.rate + ' delivered/s, ' +
      stats.ack_details.rate + ' acked/s · ' + objects.connections + ' connections, ' + objects.consumers + ' consumers';
    fill('queues', queues.sort(byName).map((queue) => row([
      queue.name, queue.messages_ready, queue.messages_unacknowledged, queue.consumers,
      queue.message_stats.publish_details.rate, queue.message_stats.deliver_get_details.rate,
      queue.message_stats.ack_details.rate,
    ], /dead|dlq|dlx/i.test(queue.name) && queue.messages_ready > 0 ? 'dead' : '')));
    fill('exchanges', exchanges.sort(byName).map((exchange) => row([
      exchange.name || '(default)', exchange.type, exchange.message_stats.publish_in,
      exchange.message_stats.publish_in_details.rate,
    ])));
  };
  const loop = async () => {
    const gone = document.getElementById('gone');
    try {
      await show();
      gone.textContent = '';
    } catch (error) {
      gone.textContent = 'The broker does not answer: ' + error.message + '. What is shown is old.';
    }
    setTimeout(loop, 2000);
  };
  loop();
</script>
</html>
`;
