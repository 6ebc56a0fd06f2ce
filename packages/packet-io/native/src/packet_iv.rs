//! Initialization vectors of both profiles, which have one form (RFC 3711 section 4.1.1, RFC 7714 sections 8.1 and 9.1).

/// The salt, with the SSRC at `ssrc_offset` and the 48-bit packet index behind it laid over by exclusive or. A 31-bit SRTCP index is a
/// small packet index.
pub fn packet_iv<const BYTES: usize>(salt: &[u8; BYTES], ssrc_offset: usize, ssrc: u32, index: u64) -> [u8; BYTES] {
    let mut iv = *salt;
    let [_, _, index @ ..] = index.to_be_bytes();
    for (byte, over) in iv[ssrc_offset..]
        .iter_mut()
        .zip(ssrc.to_be_bytes().into_iter().chain(index))
    {
        *byte ^= over;
    }
    iv
}
