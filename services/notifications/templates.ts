import {
  type Clock,
  invalidRequest,
  type Listed,
  type Page,
  type Store,
  type Transaction,
  timestamp,
} from '../kit/index.ts';
import { type Channel, type Content, channels, type Data } from './content.ts';
import { channelWithoutContent, templateExists, unknownTemplate } from './refusals.ts';
import { isWellFormed, render } from './render.ts';
import { seededTemplates } from './seed.ts';
import type { TemplateRow, TemplateStore, TemplateText } from './template-store.ts';

/** The rules of templates. */
export interface Templates {
  /** Inserts the shop's own when there is none. */
  seed(): Promise<void>;
  list(page: Page): Promise<Listed<TemplateRow>>;
  /** Throws 404, as the following do. */
  get(id: string): Promise<TemplateRow>;
  /** Throws 400 for braces that are no placeholder, and 409 when the id is taken. */
  create(id: string, text: TemplateText): Promise<TemplateRow>;
  replace(id: string, text: TemplateText): Promise<TemplateRow>;
  /** What was made from the template stays as it is. */
  remove(id: string): Promise<void>;
  /** What would go out. Throws 422 for a channel without content and for data that is missing. */
  fill(filling: Filling, transaction?: Transaction): Promise<Content>;
}

export interface Filling {
  template: string;
  channel: Channel;
  data: Data;
}

interface TemplatesParts {
  store: Store;
  templates: TemplateStore;
  clock: Clock;
}

export function createTemplates({ store, templates, clock }: TemplatesParts): Templates {
  const get = async (id: string, transaction?: Transaction) => {
    const template = await templates.find(id, transaction);
    if (template === undefined) throw unknownTemplate(id);
    return template;
  };
  return {
    seed: () =>
      store.transaction(async (transaction) => {
        if (!(await templates.isEmpty(transaction))) return;
        const now = timestamp(clock);
        for (const template of seededTemplates) {
          await templates.insert(transaction, { ...template, created_at: now, updated_at: now });
        }
      }),
    list: (page) => templates.list(page),
    get,
    create: async (id, text) => {
      requireWellFormed(text);
      const now = timestamp(clock);
      const template = { id, ...text, created_at: now, updated_at: now };
      const isNew = await store.transaction((transaction) => templates.insert(transaction, template));
      if (!isNew) throw templateExists(id);
      return template;
    },
    replace: async (id, text) => {
      requireWellFormed(text);
      if (!(await templates.update(id, { ...text, updated_at: timestamp(clock) }))) throw unknownTemplate(id);
      return await get(id);
    },
    remove: async (id) => {
      if (!(await templates.remove(id))) throw unknownTemplate(id);
    },
    fill: async ({ template, channel, data }, transaction) => {
      const content = (await get(template, transaction)).channels[channel];
      if (content === undefined) throw channelWithoutContent(template, channel);
      return render(content, data);
    },
  };
}

function requireWellFormed(text: TemplateText): void {
  const parts = channels.flatMap((channel) =>
    Object.entries(text.channels[channel] ?? {}).map(([part, template]) => ({ channel, part, template })),
  );
  const complaints = parts
    .filter(({ template }) => !isWellFormed(template))
    .map(({ channel, part }) => ({
      pointer: `#/channels/${channel}/${part}`,
      message: 'has "{{" or "}}" that is not part of a placeholder such as {{order_id}}',
    }));
  if (complaints.length > 0) throw invalidRequest(complaints);
}
