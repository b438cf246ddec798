//! Stacking of a streamgraph: thicknesses in, edges out.

/// How thick a band is for an interest in [-1, 1]: as thick as the interest is strong, and a hair where there is none or
/// a dislike (whose value the reading tells).
#[must_use]
pub fn thickness(interest: f32) -> f64 {
    if interest.is_finite() { f64::from(interest).clamp(0.012, 1.0) } else { 0.012 }
}

/// The order of bands from the bottom: the first in the middle, the next ones outwards in turn. It depends on nothing but
/// their number, so that bands do not change places while a session plays.
#[must_use]
pub fn order(bands: usize) -> Vec<usize> {
    let (mut below, mut above) = (Vec::new(), Vec::new());
    (0..bands).for_each(|b| if b % 2 == 0 { above.push(b) } else { below.push(b) });
    below.into_iter().rev().chain(above).collect()
}

/// Lower and upper edge of each band at each sample, for thicknesses by sample and band. The baseline is the one that
/// moves the bands least: Byron and Wattenberg, "Stacked graphs: geometry and aesthetics" (2008), the weighted wiggle. It
/// is summed from the left, so later samples leave earlier ones in place. The whole is then centred on 0.
#[must_use]
pub fn stack(values: &[Vec<f64>], bands: usize) -> Vec<Vec<[f64; 2]>> {
    let order = order(bands);
    let mut baseline = 0.0;
    let mut edges: Vec<Vec<[f64; 2]>> = vec![Vec::with_capacity(values.len()); bands];
    for (j, now) in values.iter().enumerate() {
        if j > 0 {
            baseline += wiggle(&values[j - 1], now, &order);
        } else {
            baseline = -now.iter().sum::<f64>() / 2.0;
        }
        let mut at = baseline;
        for &b in &order {
            edges[b].push([at, at + now[b]]);
            at += now[b];
        }
    }
    centre(&mut edges);
    edges
}

/// How far the baseline moves between two samples: −Σ f_i (½Δf_i + Σ_{k<i} Δf_k) / Σ f_i.
fn wiggle(before: &[f64], now: &[f64], order: &[usize]) -> f64 {
    let (mut moved, mut total, mut below) = (0.0, 0.0, 0.0);
    for &b in order {
        let change = now[b] - before[b];
        moved += now[b] * (change / 2.0 + below);
        total += now[b];
        below += change;
    }
    if total > 0.0 { -moved / total } else { 0.0 }
}

fn centre(edges: &mut [Vec<[f64; 2]>]) {
    let [low, high] = span(edges);
    let middle = (low + high) / 2.0;
    edges.iter_mut().flatten().for_each(|e| *e = [e[0] - middle, e[1] - middle]);
}

/// The lowest and the highest edge; 0 and 0 where there is none.
#[must_use]
pub fn span(edges: &[Vec<[f64; 2]>]) -> [f64; 2] {
    super::scale::extent(edges.iter().flatten().flatten().copied()).unwrap_or([0.0, 0.0])
}

/// Where a label `width` × `height` pixels fits into a band whose edges (in pixels, top first, y downwards) are known at
/// xs: the middle of the roomiest place, or `None`.
#[must_use]
pub fn label_place(xs: &[f64], edges: &[[f64; 2]], width: f64, height: f64) -> Option<[f64; 2]> {
    let (first, last) = (*xs.first()?, *xs.last()?);
    let mut best: Option<([f64; 2], f64)> = None;
    let mut x = first + width / 2.0 + 2.0;
    while x <= last - width / 2.0 - 2.0 {
        let (mut top, mut bottom) = (f64::NEG_INFINITY, f64::INFINITY);
        for k in 0..=6 {
            let [t, b] = edge_at(xs, edges, x - width / 2.0 + width * f64::from(k) / 6.0);
            (top, bottom) = (top.max(t), bottom.min(b));
        }
        let room = bottom - top;
        if room >= height && best.is_none_or(|(_, r)| room > r + 0.5) {
            best = Some(([x, (top + bottom) / 2.0], room));
        }
        x += 8.0;
    }
    best.map(|(at, _)| at)
}

fn edge_at(xs: &[f64], edges: &[[f64; 2]], x: f64) -> [f64; 2] {
    let i = xs.partition_point(|v| *v < x).clamp(1, xs.len().max(2) - 1);
    if i >= edges.len() {
        return edges[0];
    }
    let t = ((x - xs[i - 1]) / (xs[i] - xs[i - 1]).max(1e-9)).clamp(0.0, 1.0);
    let mix = |k: usize| edges[i - 1][k] * (1.0 - t) + edges[i][k] * t;
    [mix(0), mix(1)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn bands_go_outwards_in_turn() {
        assert_eq!(order(5), vec![3, 1, 0, 2, 4]);
        assert!(order(0).is_empty());
    }

    /// The weighted wiggle of a stack: Σ over samples and bands of thickness × (movement of the band's middle)².
    fn movement(edges: &[Vec<[f64; 2]>]) -> f64 {
        let mut sum = 0.0;
        for band in edges {
            for w in band.windows(2) {
                let middle = |e: [f64; 2]| (e[0] + e[1]) / 2.0;
                let d = middle(w[1]) - middle(w[0]);
                sum += (w[1][1] - w[1][0]) * d * d;
            }
        }
        sum
    }

    proptest! {
        #[test]
        fn bands_touch_keep_their_thickness_and_move_less_than_on_a_flat_or_a_centred_base(
            values in prop::collection::vec(prop::collection::vec(0.012f64..1.0, 5), 2..12)
        ) {
            let edges = stack(&values, 5);
            let order = order(5);
            for (j, now) in values.iter().enumerate() {
                for pair in order.windows(2) {
                    prop_assert!((edges[pair[0]][j][1] - edges[pair[1]][j][0]).abs() < 1e-9);
                }
                for b in 0..5 {
                    prop_assert!((edges[b][j][1] - edges[b][j][0] - now[b]).abs() < 1e-9);
                }
            }
            // The same stack moved sample by sample to another base.
            let moved = |base: &dyn Fn(f64) -> f64| {
                let mut other = edges.clone();
                for j in 0..values.len() {
                    let by = base(values[j].iter().sum()) - edges[order[0]][j][0];
                    other.iter_mut().for_each(|b| b[j] = [b[j][0] + by, b[j][1] + by]);
                }
                movement(&other)
            };
            prop_assert!(movement(&edges) <= moved(&|_| 0.0) + 1e-9, "no worse than a flat base");
            prop_assert!(movement(&edges) <= moved(&|total| -total / 2.0) + 1e-9, "no worse than a centred one");
        }
    }

    #[test]
    fn later_turns_leave_the_shape_of_earlier_ones_alone() {
        let values: Vec<Vec<f64>> = (0..6).map(|j| vec![0.1 * f64::from(j) + 0.1, 0.5, 0.3]).collect();
        let (short, long) = (stack(&values[..4], 3), stack(&values, 3));
        let shift = long[0][0][0] - short[0][0][0];
        for b in 0..3 {
            for j in 0..4 {
                assert!((long[b][j][0] - short[b][j][0] - shift).abs() < 1e-9);
            }
        }
    }

    #[test]
    fn a_label_stands_where_there_is_room_and_nowhere_else() {
        let xs = [0.0, 100.0, 200.0];
        let edges = [[0.0, 4.0], [0.0, 40.0], [0.0, 4.0]];
        let at = label_place(&xs, &edges, 40.0, 12.0).unwrap();
        assert!((at[0] - 100.0).abs() < 8.0, "{at:?}");
        assert_eq!(label_place(&xs, &edges, 190.0, 12.0), None);
        assert_eq!(label_place(&[], &[], 10.0, 10.0), None);
        assert_eq!(thickness(f32::NAN), 0.012);
    }
}
