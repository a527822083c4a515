import type { Content } from './content.ts';
import type { TemplateText } from './template-store.ts';

/** The templates that the shop itself writes with. */
export const seededTemplates: readonly (TemplateText & { id: string })[] = [
  {
    id: 'order-received',
    description: 'An order was placed. Data: order_id, total.',
    channels: threeWays({
      subject: 'Your order {{order_id}}',
      sentence: 'Thank you for your order {{order_id}} of ${{total}}.',
    }),
  },
  {
    id: 'order-confirmed',
    description: 'An order was paid. Data: order_id, amount.',
    channels: threeWays({
      subject: 'Order {{order_id}} confirmed',
      sentence: 'We have received ${{amount}} for your order {{order_id}}. It is confirmed.',
    }),
  },
  {
    id: 'refund',
    description: 'Money went back. Data: order_id, amount.',
    channels: threeWays({
      subject: 'Refund for order {{order_id}}',
      sentence: 'We have returned ${{amount}} for your order {{order_id}}.',
    }),
  },
  {
    id: 'shipping',
    description: 'An order is on its way. Data: order_id.',
    channels: threeWays({
      subject: 'Order {{order_id}} is on its way',
      sentence: 'Your order {{order_id}} was shipped today.',
    }),
  },
];

function threeWays({ subject, sentence }: { subject: string; sentence: string }): {
  email: Content;
  sms: Content;
  push: Content;
} {
  return {
    email: {
      subject,
      text: `Hello,\n\n${sentence}\n\nThe shop\n`,
      html: `<p>Hello,</p><p>${sentence}</p><p>The shop</p>`,
    },
    sms: { text: sentence },
    push: { subject, text: sentence },
  };
}
