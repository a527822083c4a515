import { connect } from 'amqplib';
import { describe } from 'vitest';

/** The AMQP server that tests of events run against. */
export const brokerUrl = process.env['TEST_AMQP_URL'] ?? 'amqp://guest:guest@127.0.0.1:5672';

const isThere = await connect(brokerUrl, { noDelay: true, timeout: 5_000 }).then(
  async (model) => {
    await model.close();
    return true;
  },
  () => false,
);

/** As `describe`, and visibly skipped where there is no broker; with `REQUIRE_BACKENDS=1` its tests fail instead. */
export const describeWithBroker =
  isThere || process.env['REQUIRE_BACKENDS'] === '1' ? describe : describe.skip;
