import { type Call, pageOf, type Route, route } from '../kit/index.ts';
import { templateBody } from './bodies.ts';
import type { Channel, Data } from './content.ts';
import { requireStaff } from './routes.ts';
import type { TemplateText } from './template-store.ts';
import type { Templates } from './templates.ts';

interface TemplateTextBody {
  description?: string;
  channels: TemplateText['channels'];
}

interface PreviewBody {
  type: Channel;
  data?: Data;
}

/** Texts that go out in the shop's name are changed by admins alone. */
const forAdmins = { access: 'admin' } as const;

/** Templates, as `contracts/openapi/notifications.yaml` describes them. */
export function templateRoutes(templates: Templates): Route[] {
  return [
    route('GET', '/templates', (call) => list(templates, call)),
    route<TemplateTextBody & { id: string }>(
      'POST',
      '/templates',
      async ({ body }) => {
        const template = await templates.create(body.id, textOf(body));
        const headers = { location: `/templates/${template.id}` };
        return { status: 201, body: templateBody(template), headers };
      },
      forAdmins,
    ),
    route('GET', '/templates/{id}', async ({ identity, path }) => {
      requireStaff(identity);
      return { status: 200, body: templateBody(await templates.get(path('id'))) };
    }),
    route<TemplateTextBody>(
      'PUT',
      '/templates/{id}',
      async ({ body, path }) => ({
        status: 200,
        body: templateBody(await templates.replace(path('id'), textOf(body))),
      }),
      forAdmins,
    ),
    route(
      'DELETE',
      '/templates/{id}',
      async ({ path }) => {
        await templates.remove(path('id'));
        return { status: 200, body: { id: path('id'), status: 'deleted' } };
      },
      forAdmins,
    ),
    route<PreviewBody>('POST', '/templates/{id}/preview', async ({ body, identity, path }) => {
      requireStaff(identity);
      const { type, data = {} } = body;
      const content = await templates.fill({ template: path('id'), channel: type, data });
      return { status: 200, body: { type, content } };
    }),
  ];
}

function textOf({ description = '', channels }: TemplateTextBody): TemplateText {
  return { description, channels };
}

async function list(templates: Templates, call: Call<unknown>) {
  requireStaff(call.identity);
  const page = pageOf(call);
  const { rows, total } = await templates.list(page);
  return { status: 200, body: { templates: rows.map(templateBody), total, ...page } };
}
