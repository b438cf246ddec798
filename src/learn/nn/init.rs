//! Orthogonal initialisation.

use crate::math::Stream;

/// A matrix of `rows` × `columns`, row by row, whose rows (or columns, whichever are fewer) are orthogonal and of length
/// `gain` (Saxe, McClelland and Ganguli, "Exact solutions to the nonlinear dynamics of learning in deep linear neural
/// networks", ICLR 2014): normal numbers made orthogonal by Gram and Schmidt's modified method, in double precision.
#[must_use]
pub fn orthogonal(rows: usize, columns: usize, gain: f32, random: &mut Stream) -> Vec<f32> {
    let (few, many) = (rows.min(columns), rows.max(columns));
    let mut basis: Vec<Vec<f64>> = Vec::with_capacity(few);
    while basis.len() < few {
        let mut v: Vec<f64> = (0..many).map(|_| f64::from(random.normal())).collect();
        for b in &basis {
            let along = inner(&v, b);
            v.iter_mut().zip(b).for_each(|(x, y)| *x -= along * y);
        }
        let length = inner(&v, &v).sqrt();
        // Almost within the span of the others: what is left would be rounding errors.
        if length > 1e-6 {
            v.iter_mut().for_each(|x| *x /= length);
            basis.push(v);
        }
    }
    let mut out = Vec::with_capacity(rows * columns);
    // The basis' vectors are the rows where there are fewer rows than columns, else the columns.
    let at = |r: usize, c: usize| if rows <= columns { basis[r][c] } else { basis[c][r] };
    out.extend((0..rows * columns).map(|i| (at(i / columns, i % columns) * f64::from(gain)) as f32));
    out
}

fn inner(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).fold(0.0, |s, (x, y)| s + x * y)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::{Purpose, Source};

    #[test]
    fn rows_or_columns_are_orthogonal_and_as_long_as_asked() {
        for (rows, columns) in [(3, 7), (7, 3), (64, 64)] {
            let m = orthogonal(rows, columns, 0.5, &mut Source::new(1).stream(Purpose::Other));
            let few = rows.min(columns);
            let vector = |i: usize| -> Vec<f64> {
                let at = |r: usize, c: usize| f64::from(m[r * columns + c]);
                if rows <= columns {
                    (0..columns).map(|c| at(i, c)).collect()
                } else {
                    (0..rows).map(|r| at(r, i)).collect()
                }
            };
            for i in 0..few {
                for j in 0..=i {
                    let expected = if i == j { 0.25 } else { 0.0 };
                    assert!((inner(&vector(i), &vector(j)) - expected).abs() < 1e-6);
                }
            }
        }
    }
}
