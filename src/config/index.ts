/**
 * `e2e.config.yaml`: read, checked with places, and resolved for one topology into a plain `Project`.
 * Knows nothing of processes, suites or load beyond how they are written down.
 */
export { BROKER } from './broker.ts';
export { loadProject, type ProjectRequest } from './load-project.ts';
export {
  baseUrl,
  type LoadProfile,
  type LoadRequest,
  type Project,
  type ProjectBroker,
  type SaturateProfile,
  type ServiceSpec,
  trustedServices,
  type UsersProfile,
} from './project.ts';
export { projectName, shopctlFor } from './project-folder.ts';
export { configSchema } from './schema/config.ts';
