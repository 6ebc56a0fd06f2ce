import { existsSync } from 'node:fs';

/** Surroundings of the process, as far as they can be seen from inside. */
export interface Surroundings {
  readonly isKubernetes: boolean;
  readonly isContainer: boolean;
}

/** Files that Docker and Podman put into each container. */
const CONTAINER_MARKS = ['/.dockerenv', '/run/.containerenv'];

/** Reads the traces that container runtimes leave. Kubernetes sets its variable in every pod, `container` is what systemd and Podman set. */
export function readSurroundings(
  environment: Readonly<Record<string, string | undefined>>,
  exists: (path: string) => boolean = existsSync,
): Surroundings {
  const isKubernetes = environment.KUBERNETES_SERVICE_HOST !== undefined;
  return {
    isKubernetes,
    isContainer: isKubernetes || environment.container !== undefined || CONTAINER_MARKS.some(exists),
  };
}
