import type { Migration } from '../kit/index.ts';

/**
 * The event log, which only grows, and what is projected from it. Keys of projections come from the events and never
 * from a counter, so that whatever order events come in, the rows are the same.
 */
export const analyticsMigrations: readonly Migration[] = [
  {
    name: 'analytics-001-event-log-and-projections',
    up: async (database) => {
      await database.schema.createTable('events', (table) => {
        table.increments('seq');
        table.text('id').notNullable().unique();
        table.text('type').notNullable().index();
        table.text('subject').notNullable();
        table.text('order_id').index();
        table.text('user_id').index();
        table.text('source').notNullable();
        table.text('time').notNullable().index();
        table.text('data').notNullable();
      });
      // Documents as they are answered, with what they are looked for by.
      await database.schema.createTable('order_metrics', (table) => {
        table.text('order_id').primary();
        table.text('document').notNullable();
      });
      await database.schema.createTable('revenue_days', (table) => {
        table.text('day').primary();
        for (const column of ['payments', 'refunds', 'processed', 'refunded'])
          table.bigInteger(column).notNullable().defaultTo(0);
      });
      await database.schema.createTable('status_counts', (table) => {
        table.text('status').primary();
        table.bigInteger('orders').notNullable().defaultTo(0);
      });
      await database.schema.createTable('user_numbers', (table) => {
        table.text('user_id').primary();
        for (const column of ['orders', 'paid_orders', 'spent'])
          table.bigInteger(column).notNullable().defaultTo(0);
      });
      await database.schema.createTable('user_products', (table) => {
        table.text('user_id').notNullable();
        table.text('product_id').notNullable();
        table.bigInteger('quantity').notNullable().defaultTo(0);
        table.primary(['user_id', 'product_id']);
      });
      await database.schema.createTable('user_sightings', (table) => {
        table.text('user_id').primary();
        table.text('last_seen').notNullable();
      });
    },
  },
];
