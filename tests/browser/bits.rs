//! The arithmetic under every session gives the same bits in the browser as natively.

use recoworld::math::{self, Purpose, Source, lanes};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// FNV-1a over the bits of each number.
fn fingerprint(numbers: impl IntoIterator<Item = u64>) -> u64 {
    numbers.into_iter().fold(0xcbf2_9ce4_8422_2325, |hash, number| {
        number
            .to_le_bytes()
            .iter()
            .fold(hash, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3))
    })
}

fn spread(n: usize) -> impl Iterator<Item = f32> {
    let mut stream = Source::new(11).stream(Purpose::Other);
    (0..n).map(move |_| 24.0 * (stream.uniform() - 0.5))
}

#[test]
fn functions_give_the_same_bits_on_both_sides() {
    let numbers =
        spread(20_000).flat_map(|x| [math::exp(x), math::tanh(x), math::sigmoid(x), math::ln(x.abs() + 1e-6)]);
    assert_eq!(fingerprint(numbers.map(|y| u64::from(y.to_bits()))), FUNCTIONS);
}

#[test]
fn lanes_give_the_same_bits_on_both_sides() {
    let all = spread(20_000).collect::<Vec<_>>();
    let sums = all.as_chunks::<{ lanes::LANES }>().0.iter().map(|x| lanes::sum(lanes::exp(*x)));
    assert_eq!(fingerprint(sums.map(|y| u64::from(y.to_bits()))), LANES);
}

#[test]
fn random_streams_give_the_same_bits_on_both_sides() {
    let source = Source::new(u64::MAX).keyed(7);
    let mut stream = source.stream(Purpose::Click);
    let numbers = (0..20_000_usize).map(|i| match i % 4 {
        0 => stream.bits(),
        1 => u64::from(stream.normal().to_bits()),
        2 => stream.below(i + 1) as u64,
        _ => u64::from(stream.gumbel().to_bits()),
    });
    assert_eq!(fingerprint(numbers), STREAMS);
}

#[test]
fn representations_give_the_same_bits_on_both_sides() {
    use recoworld::{
        catalog::{represent, synthetic},
        scenario::{CatalogStyle, REPRESENTATIONS},
    };
    let shelf = synthetic::make(CatalogStyle::Lookbook, 400, 9).shelf;
    let rows = REPRESENTATIONS.map(|r| represent::features(&shelf, r, &[]));
    let numbers = rows.iter().flat_map(|f| f.rows.as_flattened()).map(|x| u64::from(x.to_bits()));
    let codes = rows[2].shown.codes().expect("codes").codes().as_flattened().iter().map(|n| u64::from(*n));
    assert_eq!(fingerprint(numbers.chain(codes)), REPRESENTED);
}

/// Computed natively; a change of any constant or order of operations shows here first.
const FUNCTIONS: u64 = 0x2e92_3f25_c8a1_a0fa;
const LANES: u64 = 0xf896_594b_e5ef_3384;
const STREAMS: u64 = 0x23cc_bea8_3f40_5c48;
const REPRESENTED: u64 = 0x83ec731ee704143b;
