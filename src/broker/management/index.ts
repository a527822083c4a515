/**
 * Looking at the embedded broker over HTTP, in the words of RabbitMQ's management API: read only, this machine only.
 * Knows no AMQP and changes nothing of what it shows.
 */
export { type Management, serveManagement } from './server.ts';
