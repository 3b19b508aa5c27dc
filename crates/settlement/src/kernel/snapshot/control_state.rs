//! The control state from its bytes. Whether they are its canonical form is for the caller to ask.

use super::super::state::{Asset, Institution, State, Totals};
use crate::control::{Authority, FreezeTarget, Officers};
use crate::encoding::{DecodingError, Reader};
use crate::key::PublicKey;

/// The state that `control_encoding` encoded.
pub(super) fn read(data: &[u8]) -> Result<State, DecodingError> {
    let mut reader = Reader::new(data, "control state");
    let state = State {
        totals: read_parts(&mut reader, read_totals)?,
        institutions: read_parts(&mut reader, read_institution)?,
        quotas: read_parts(&mut reader, |part| Ok(((part.u32()?, part.u32()?), part.u64()?)))?,
        authorities: read_parts(&mut reader, |part| Officers::read(part).map(|each| (each.authority, each)))?,
        assets: read_parts(&mut reader, read_asset)?,
        frozen: read_parts(&mut reader, |part| Ok(((FreezeTarget::read(part)?, *part.array()?), part.u64()?)))?,
        serials: read_parts(&mut reader, read_serial)?,
        receipt_keys: read_parts(&mut reader, PublicKey::read)?,
        ..State::default()
    };
    let rest: Vec<_> = read_parts(&mut reader, |part| Ok((part.u32()?, part.u64()?)))?;
    reader.finish()?;
    let [(rules, expired_before_ms)] = rest[..] else { return Err(reader.error("its rules are not one version")) };
    Ok(State { rules, expired_before_ms, ..state })
}

fn read_parts<'a, T, All: FromIterator<T>>(
    reader: &mut Reader<'a>,
    read: impl Fn(&mut Reader<'a>) -> Result<T, DecodingError>,
) -> Result<All, DecodingError> {
    let count = reader.u32()?;
    (0..count).map(|_| read(&mut Reader::new(reader.sized_u32(usize::MAX)?, "control state"))).collect()
}

fn read_totals(part: &mut Reader<'_>) -> Result<((u32, u32), Totals), DecodingError> {
    let place = (part.u32()?, part.u32()?);
    let (issued, redeemed, inflow, outflow) = (part.u128()?, part.u128()?, part.u128()?, part.u128()?);
    Ok((place, Totals { issued, redeemed, inflow, outflow }))
}

fn read_institution(part: &mut Reader<'_>) -> Result<(u32, Institution), DecodingError> {
    let (home, suspended) = (part.u32()?, part.flag()?);
    let mut sized = || part.sized_u32(usize::MAX).map(|data| Reader::new(data, "home"));
    let (mut key, mut successor, mut substitute) = (sized()?, sized()?, sized()?);
    let institution = Institution {
        key: PublicKey::read(&mut key)?,
        suspended,
        successor: if successor.left().is_empty() { None } else { Some(successor.u32()?) },
        substitute: if substitute.left().is_empty() { None } else { Some(PublicKey::read(&mut substitute)?) },
    };
    Ok((home, institution))
}

fn read_asset(part: &mut Reader<'_>) -> Result<(u32, Asset), DecodingError> {
    let (asset, active) = (part.u32()?, part.flag()?);
    match str::from_utf8(part.left()) {
        Ok(code) if code.is_ascii() => Ok((asset, Asset { active, code: code.to_owned() })),
        _ => Err(part.error("an asset's code is ASCII")),
    }
}

fn read_serial(part: &mut Reader<'_>) -> Result<((Authority, Vec<u8>), u64), DecodingError> {
    let authority = Authority::read(part)?;
    let length = part.left().len().checked_sub(8).ok_or_else(|| part.error("it ends too early"))?;
    let subject = part.take(length)?.to_vec();
    Ok(((authority, subject), part.u64()?))
}
