//! Items on a plane: their rows seen from where they differ most.

use super::{blocks::dot, project::Directions};
use crate::{catalog::ItemIx, recommender::FEATURES};

/// Rows on a plane: their mean is the origin, the axes are the two directions in which they vary most (principal
/// components; Jolliffe, "Principal component analysis", 2002).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plane {
    /// Where each row lies.
    pub at: Vec<[f32; 2]>,
    /// The share of the rows' variance that each axis holds, in [0, 1].
    pub shares: [f32; 2],
}

impl Plane {
    /// Of rows.
    #[must_use]
    pub fn of(rows: &[[f32; FEATURES]]) -> Self {
        let n = rows.len().max(1) as f64;
        let mut mean = [0.0f64; FEATURES];
        for row in rows {
            mean.iter_mut().zip(row).for_each(|(m, x)| *m += f64::from(*x) / n);
        }
        let mut centred = rows.to_vec();
        for row in &mut centred {
            row.iter_mut().zip(&mean).for_each(|(x, m)| *x -= *m as f32);
        }
        let directions = Directions::of(centred.as_flattened(), FEATURES, 2);
        let at = |row: &[f32; FEATURES]| {
            let mut out = [0.0; 2];
            directions.apply(row, &mut out);
            out
        };
        let share = |k: usize| directions.shares.get(k).copied().unwrap_or(0.0);
        Self { at: centred.iter().map(at).collect(), shares: [share(0), share(1)] }
    }
}

/// The `k` rows most like that of an item, itself left out, best first, each with the cosine between them. All rows are
/// looked at; of equals the first.
#[must_use]
pub fn alike(rows: &[[f32; FEATURES]], item: ItemIx, k: usize) -> Vec<(f32, ItemIx)> {
    let Some(own) = rows.get(item as usize) else { return Vec::new() };
    let mut all: Vec<(f32, ItemIx)> = rows.iter().enumerate().map(|(i, row)| (dot(own, row), i as ItemIx)).collect();
    all.retain(|x| x.1 != item);
    let order = |a: &(f32, ItemIx), b: &(f32, ItemIx)| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1));
    if k < all.len() && k > 0 {
        all.select_nth_unstable_by(k - 1, order);
    }
    all.truncate(k);
    all.sort_unstable_by(order);
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::{Purpose, Source};

    #[test]
    fn a_plane_keeps_what_two_directions_hold_and_no_offset() {
        let mut draw = Source::new(5).stream(Purpose::Other);
        let mut row = || {
            let (a, b) = (3.0 * draw.normal(), draw.normal());
            let mut row = [7.0; FEATURES];
            row[4] += a;
            row[9] += b;
            (row, [a, b])
        };
        let made: Vec<_> = (0..2000).map(|_| row()).collect();
        let plane = Plane::of(&made.iter().map(|m| m.0).collect::<Vec<_>>());
        assert!((plane.shares[0] - 0.9).abs() < 0.02 && (plane.shares[0] + plane.shares[1] - 1.0).abs() < 1e-3);
        for (at, (_, [a, b])) in plane.at.iter().zip(&made).take(50) {
            assert!((at[0].abs() - a.abs()).abs() < 0.3 && (at[1].abs() - b.abs()).abs() < 0.3, "{at:?} {a} {b}");
        }
        assert!(Plane::of(&[]).at.is_empty());
        assert!(Plane::of(&[[1.0; FEATURES]; 3]).at.iter().flatten().all(|x| x.abs() < 1e-3));
    }

    #[test]
    fn the_most_alike_come_first_and_an_item_is_not_its_own_neighbour() {
        let row = |angle: f32| {
            let mut row = [0.0; FEATURES];
            (row[0], row[1]) = (1.0 - angle, angle);
            row
        };
        let rows = [row(0.0), row(0.4), row(0.1), row(0.1)];
        assert_eq!(alike(&rows, 0, 2).iter().map(|x| x.1).collect::<Vec<_>>(), [2, 3]);
        assert_eq!(alike(&rows, 0, 9).len(), 3);
        assert!(alike(&rows, 9, 3).is_empty() && alike(&rows, 0, 0).is_empty());
    }
}
