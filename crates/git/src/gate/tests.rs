use super::*;
use flate2::{Compression, write::ZlibEncoder};
use std::io::Write as _;

fn packet(data: &[u8]) -> Vec<u8> {
    [format!("{:04x}", data.len() + 4).as_bytes(), data].concat()
}

/// A pack of one blob and a delta against it.
fn pack() -> Vec<u8> {
    let deflated = |data: &[u8]| {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(data).unwrap();
        encoder.finish().unwrap()
    };
    let blob = [vec![0x30 | 5], deflated(b"hello")].concat();
    let delta = [5, 10, 0x90, 5, 0x90, 5];
    let delta = [vec![0x70 | 6], vec![9; 20], deflated(&delta)].concat();
    [b"PACK\0\0\0\x02\0\0\0\x02".to_vec(), blob, delta, vec![8; 20]].concat()
}

fn in_side_bands(pack: &[u8]) -> Vec<u8> {
    let mut answer =
        [packet(b"ACK 123 common\n"), packet(b"NAK\n"), packet(b"\x02counting\n"), packet(b"\x01")].concat();
    for piece in pack.chunks(7) {
        answer.extend(packet(&[&[1], piece].concat()));
    }
    answer.extend(b"0000");
    answer
}

fn bare(pack: &[u8]) -> Vec<u8> {
    [packet(b"NAK\n"), pack.to_vec()].concat()
}

#[test]
fn an_honest_answer_passes_in_pieces_of_any_size() {
    for answer in [in_side_bands(&pack()), bare(&pack())] {
        for size in 1..answer.len() {
            let mut gate = Gate::new(&Limits::default());
            for piece in answer.chunks(size) {
                assert_eq!(gate.pass(piece), Ok(()), "pieces of {size}");
            }
        }
    }
}

#[test]
fn a_limit_is_noticed_in_pieces_of_any_size() {
    let deltas = Limits { max_object_bytes: 9, ..Limits::default() };
    let count = Limits { max_objects: 1, ..Limits::default() };
    // The blob's 5, the delta's own 6, the result's 10.
    let total = Limits { max_inflated_bytes: 20, ..Limits::default() };
    for answer in [in_side_bands(&pack()), bare(&pack())] {
        for size in 1..answer.len() {
            let stop = |limits: &Limits| {
                let mut gate = Gate::new(limits);
                answer.chunks(size).find_map(|piece| gate.pass(piece).err())
            };
            assert_eq!(stop(&deltas), Some(Stop::Limit(Limit::ObjectBytes, 9)), "{size}");
            assert_eq!(stop(&count), Some(Stop::Limit(Limit::Objects, 1)), "{size}");
            assert_eq!(stop(&total), Some(Stop::Limit(Limit::InflatedBytes, 20)), "{size}");
        }
    }
}

#[test]
fn bytes_behind_a_pack_are_refused() {
    let mut gate = Gate::new(&Limits::default());
    let more = [pack(), b"x".to_vec()].concat();
    assert_eq!(gate.pass(&bare(&more)), Err(Stop::Malformed("bytes behind the pack's end")));
}

#[test]
fn no_bytes_whatever_make_the_gate_panic() {
    // A fixed linear congruential sequence: the same garbage every time.
    let mut seed = 1_u64;
    let mut random = || {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) as usize
    };
    let honest = in_side_bands(&pack());
    for _ in 0..20_000 {
        let mut answer = honest.clone();
        for _ in 0..=(random() % 4) {
            let at = random() % answer.len();
            answer[at] = u8::try_from(random() & 255).unwrap();
        }
        let mut gate = Gate::new(&Limits { max_objects: 100, ..Limits::default() });
        // Any verdict will do.
        drop(gate.pass(&answer));
    }
}
