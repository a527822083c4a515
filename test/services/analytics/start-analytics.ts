import { createAnalyticsApp } from '../../../services/analytics/app.ts';
import { systemClock } from '../../../services/kit/clock.ts';
import { type RunningService, type StartOptions, startService } from '../start-service.ts';

/** Heartbeats come as they do in production, which is never in the time that a test takes. */
export async function startAnalytics(options: StartOptions = {}): Promise<RunningService> {
  return await startService('analytics', createAnalyticsApp, { clock: systemClock, ...options });
}
