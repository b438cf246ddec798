//! Smooth curves through points, as SVG paths.

use super::text::px;

/// Slopes at the points of a curve that goes through all of them and never overshoots one: Steffen's monotone cubic
/// interpolation (Astronomy and Astrophysics 239, 1990). Points are in order of x.
fn slopes(points: &[[f64; 2]]) -> Vec<f64> {
    let n = points.len();
    let secant = |i: usize| {
        let h = points[i + 1][0] - points[i][0];
        if h > 0.0 { (points[i + 1][1] - points[i][1]) / h } else { 0.0 }
    };
    (0..n)
        .map(|i| {
            if i == 0 || i + 1 == n {
                return 0.0;
            }
            let (h0, h1) = (points[i][0] - points[i - 1][0], points[i + 1][0] - points[i][0]);
            let (s0, s1) = (secant(i - 1), secant(i));
            if s0 * s1 <= 0.0 || h0 + h1 <= 0.0 {
                return 0.0;
            }
            let p = (s0 * h1 + s1 * h0) / (h0 + h1);
            s0.signum() * p.abs().min(2.0 * s0.abs().min(s1.abs()))
        })
        .collect()
}

fn point(p: [f64; 2]) -> String {
    format!("{} {}", px(p[0]), px(p[1]))
}

/// Adds cubic pieces from the first to the last point, which the pen is already at.
fn pieces(d: &mut String, points: &[[f64; 2]], slopes: &[f64], backwards: bool) {
    let mut piece = |from: usize, to: usize| {
        let third = (points[to][0] - points[from][0]) / 3.0;
        let a = [points[from][0] + third, points[from][1] + slopes[from] * third];
        let b = [points[to][0] - third, points[to][1] - slopes[to] * third];
        d.push_str(&format!("C{} {} {}", point(a), point(b), point(points[to])));
    };
    if backwards {
        (1..points.len()).rev().for_each(|i| piece(i, i - 1));
    } else {
        (1..points.len()).for_each(|i| piece(i - 1, i));
    }
}

/// The area between two smooth lines over the same xs.
#[must_use]
pub fn smooth_area(top: &[[f64; 2]], bottom: &[[f64; 2]]) -> String {
    let (Some(first), Some(last)) = (top.first(), bottom.last()) else { return String::new() };
    let mut d = format!("M{}", point(*first));
    pieces(&mut d, top, &slopes(top), false);
    d.push_str(&format!("L{}", point(*last)));
    pieces(&mut d, bottom, &slopes(bottom), true);
    d.push('Z');
    d
}

/// Straight lines through the points; a gap wherever a point is missing.
#[must_use]
pub fn straight(points: &[Option<[f64; 2]>]) -> String {
    let mut d = String::new();
    let mut down = false;
    for p in points {
        if let Some(p) = p {
            d.push(if down { 'L' } else { 'M' });
            d.push_str(&point(*p));
        }
        down = p.is_some();
    }
    d
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The y of the curve's cubic pieces, sampled.
    fn sampled(points: &[[f64; 2]]) -> Vec<f64> {
        let m = slopes(points);
        let mut ys = Vec::new();
        for i in 1..points.len() {
            let (p, q) = (points[i - 1], points[i]);
            let third = (q[0] - p[0]) / 3.0;
            let (b, c) = (p[1] + m[i - 1] * third, q[1] - m[i] * third);
            for k in 0..=20 {
                let (t, u) = (f64::from(k) / 20.0, 1.0 - f64::from(k) / 20.0);
                ys.push(u * u * u * p[1] + 3.0 * u * u * t * b + 3.0 * u * t * t * c + t * t * t * q[1]);
            }
        }
        ys
    }

    #[test]
    fn the_curve_never_leaves_the_span_of_its_points() {
        let points = [[0.0, 0.0], [1.0, 0.0], [2.0, 10.0], [3.0, 10.0], [7.0, 3.0], [8.0, 9.0]];
        assert!(sampled(&points).iter().all(|y| (-1e-9..=10.0 + 1e-9).contains(y)));
    }

    #[test]
    fn areas_close_and_gaps_lift_the_pen() {
        let d = smooth_area(&[[0.0, 0.0], [10.0, 0.0]], &[[0.0, 5.0], [10.0, 5.0]]);
        assert!(d.starts_with("M0 0C") && d.contains("L10 5C") && d.ends_with("0 5Z"), "{d}");
        assert_eq!(straight(&[Some([0.0, 1.0]), None, Some([2.0, 1.0]), Some([3.0, 1.0])]), "M0 1M2 1L3 1");
        assert_eq!(smooth_area(&[], &[]), "");
    }
}
