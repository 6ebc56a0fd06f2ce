/** Largest WebSocket message in either direction, in bytes. */
export const MAX_MESSAGE_BYTES = 1024 * 1024;

/** Largest WebSocket message that has ids and flags in it only, in bytes: six ids of the longest kind, and unknown keys. */
export const MAX_ID_MESSAGE_BYTES = 64 * 1024;

/** Largest session description as JSON text, in bytes; also what a compressed one may inflate to. */
export const MAX_SESSION_DESCRIPTION_BYTES = 1024 * 1024;

/** Largest ICE candidate as JSON text, in bytes. Real ones stay under 500. */
export const MAX_ICE_CANDIDATE_BYTES = 8 * 1024;

/** Largest JSON of a ScreenOn or VideoOn message, in bytes. */
export const MAX_STREAM_ANNOUNCEMENT_BYTES = 8 * 1024;

/** Longest id (client, call, user, session, channel, stream), in UTF-16 units. Mattermost's own have 26, a UUID has 36. */
export const MAX_ID_LENGTH = 1024;

/** Nesting that MessagePack values may have. The deepest of ours is the media map with 2; the rest is room for unknown keys. */
export const MAX_DEPTH = 8;

/** MessagePack values (map keys included) in one client message. The largest of ours has 14; the rest is room for unknown keys. */
export const MAX_CLIENT_MESSAGE_VALUES = 256;

/** MessagePack values in a data channel message other than the media map. Ours have two: garbage is not read further. */
export const MAX_DATA_CHANNEL_MESSAGE_VALUES = 16;

/** MessagePack values in a media map: five per track, which is enough for 13,000 tracks. */
export const MAX_MEDIA_MAP_VALUES = 65_536;
