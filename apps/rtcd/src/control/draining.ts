/** Whether the service is on its way out: calls go on until their last session ends, new ones are refused. */
export interface Draining {
  readonly hasBegun: boolean;
  begin(): void;
}

export function createDraining(): Draining {
  let hasBegun = false;
  return {
    get hasBegun() {
      return hasBegun;
    },
    begin() {
      hasBegun = true;
    },
  };
}
