/** The rows of the matrix. */
export type ScenarioName =
  | 'voice both ways'
  | 'mute and unmute'
  | 'late joiner'
  | 'leave and replace'
  | 'second track'
  | 'silent joiner'
  | 'ICE restart'
  | 'new port'
  | 'RSA certificate'
  | 'lossy handshake';
