import { createMonolithApp } from '../../../services/monolith/app.ts';
import { type RunningService, type StartOptions, startService } from '../start-service.ts';
import { testUsers } from '../start-shop.ts';

/** The monolith on free ports, writing to that SMTP port. */
export async function startMonolith(smtpPort: number, options: StartOptions = {}): Promise<RunningService> {
  return await startService('monolith', createMonolithApp, {
    settings: { ...testUsers, SMTP_URL: `smtp://127.0.0.1:${smtpPort}` },
    ...options,
  });
}
