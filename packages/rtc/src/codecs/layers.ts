/** The layers of an encoding up to these, as far as there are such. */
export interface Layers {
  readonly spatialId: number;
  readonly temporalId: number;
}

/** No codec numbers layers higher. */
export const ALL_LAYERS: Layers = { spatialId: 7, temporalId: 7 };
