import { type Listed, listPage, type Page, type Store, type Transaction } from '../kit/index.ts';
import type { Channel, Content } from './content.ts';

export interface TemplateRow {
  id: string;
  description: string;
  channels: Partial<Record<Channel, Content>>;
  created_at: string;
  updated_at: string;
}

/** What somebody says of a template. */
export type TemplateText = Pick<TemplateRow, 'description' | 'channels'>;

type StoredTemplate = Omit<TemplateRow, 'channels'> & { channels: string };

/** The SQL of templates. */
export interface TemplateStore {
  list(page: Page): Promise<Listed<TemplateRow>>;
  find(id: string, transaction?: Transaction): Promise<TemplateRow | undefined>;
  isEmpty(transaction: Transaction): Promise<boolean>;
  /** Answers false, and inserts nothing, when the id is taken. */
  insert(transaction: Transaction, template: TemplateRow): Promise<boolean>;
  /** Answers whether there is such a template. */
  update(id: string, change: Omit<TemplateRow, 'id' | 'created_at'>): Promise<boolean>;
  remove(id: string): Promise<boolean>;
}

export function createTemplateStore({ read }: Store): TemplateStore {
  return {
    list: async (page) => {
      const { rows, total } = await listPage<StoredTemplate>(read, 'templates', page);
      return { rows: rows.map(toTemplate), total };
    },
    find: async (id, transaction = undefined) => {
      const row = await (transaction ?? read)<StoredTemplate>('templates').where({ id }).first();
      return row === undefined ? undefined : toTemplate(row);
    },
    isEmpty: async (transaction) => (await transaction('templates').first('seq')) === undefined,
    insert: async (transaction, { channels, ...facts }) => {
      const rows: unknown[] = await transaction('templates')
        .insert({ ...facts, channels: JSON.stringify(channels) })
        .onConflict('id')
        .ignore()
        .returning('id');
      return rows.length === 1;
    },
    update: async (id, { channels, ...facts }) =>
      (await read('templates')
        .where({ id })
        .update({ ...facts, channels: JSON.stringify(channels) })) === 1,
    remove: async (id) => (await read('templates').where({ id }).delete()) === 1,
  };
}

function toTemplate({ id, description, channels, created_at, updated_at }: StoredTemplate): TemplateRow {
  return { id, description, channels: JSON.parse(channels), created_at, updated_at };
}
