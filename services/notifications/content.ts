export const channels = ['email', 'sms', 'push'] as const;
export type Channel = (typeof channels)[number];

/** What goes out on one channel. A push message has its title as the subject, an SMS has none. */
export interface Content {
  subject?: string;
  text: string;
  /** E-mail only: shown instead of `text` where HTML can be. */
  html?: string;
}

/** What the placeholders of a template stand for. */
export type Data = Readonly<Record<string, string | number | boolean>>;

/** How far a notification is. */
export type Status = 'pending' | 'sent' | 'failed';
