//! Means with their uncertainty.

use serde::{Deserialize, Serialize};

/// A running mean and variance that does not lose digits (Welford, "Note on a method for calculating corrected sums of
/// squares and products", Technometrics 4, 1962).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Welford {
    n: u64,
    mean: f64,
    squares: f64,
}

impl Welford {
    /// Takes one more value.
    pub fn add(&mut self, x: f64) {
        self.n += 1;
        let delta = x - self.mean;
        self.mean += delta / self.n as f64;
        self.squares += delta * (x - self.mean);
    }

    /// How many values there were.
    #[must_use]
    pub fn n(&self) -> u64 {
        self.n
    }

    /// Their mean; 0 where there are none.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.mean
    }

    /// Their sample standard deviation; 0 below two values.
    #[must_use]
    pub fn deviation(&self) -> f64 {
        if self.n < 2 { 0.0 } else { (self.squares / (self.n - 1) as f64).sqrt() }
    }

    /// The mean with its standard error and 95 % interval.
    #[must_use]
    pub fn estimate(&self) -> Estimate {
        if self.n < 2 {
            return Estimate { mean: self.mean, se: 0.0, low: self.mean, high: self.mean };
        }
        let se = self.deviation() / (self.n as f64).sqrt();
        let half = t_975(self.n - 1) * se;
        Estimate { mean: self.mean, se, low: self.mean - half, high: self.mean + half }
    }
}

/// A mean with its standard error and 95 % interval. Of fewer than two values there is no error to tell: it is 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// The mean.
    pub mean: f64,
    /// Its standard error.
    pub se: f64,
    /// The interval's lower end.
    pub low: f64,
    /// The interval's upper end.
    pub high: f64,
}

/// The mean of `a - b`, pair by pair (as far as both reach): on the same seeds far more exact than the difference of
/// two means.
#[must_use]
pub fn paired(a: &[f64], b: &[f64]) -> Estimate {
    let mut differences = Welford::default();
    a.iter().zip(b).for_each(|(x, y)| differences.add(x - y));
    differences.estimate()
}

/// Student's t at 0.975 with `degrees` ≥ 1 of freedom: exact values for 1 to 3, then the Cornish–Fisher expansion
/// (Abramowitz and Stegun 26.7.5), within 0.01 of the table.
#[must_use]
pub fn t_975(degrees: u64) -> f64 {
    match degrees {
        0 | 1 => 12.706,
        2 => 4.303,
        3 => 3.182,
        n => {
            let (z, n) = (1.959_964_f64, n as f64);
            let (z2, z3) = (z * z, z * z * z);
            let (z5, z7) = (z3 * z2, z3 * z2 * z2);
            z + (z3 + z) / (4.0 * n)
                + (5.0 * z5 + 16.0 * z3 + 3.0 * z) / (96.0 * n * n)
                + (3.0 * z7 + 19.0 * z5 + 17.0 * z3 - 15.0 * z) / (384.0 * n * n * n)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn welford_agrees_with_two_passes_far_from_zero() {
        let values: Vec<f64> = (0..1000).map(|i| 1e9 + f64::from(i % 17)).collect();
        let mut w = Welford::default();
        values.iter().for_each(|v| w.add(*v));
        let mean = values.iter().sum::<f64>() / 1000.0;
        let variance = values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / 999.0;
        assert!((w.mean() - mean).abs() < 1e-6);
        assert!((w.deviation() - variance.sqrt()).abs() < 1e-6);
    }

    #[test]
    fn t_agrees_with_its_table() {
        for (degrees, t) in
            [(1, 12.706), (2, 4.303), (3, 3.182), (4, 2.776), (5, 2.571), (10, 2.228), (30, 2.042), (199, 1.972)]
        {
            assert!((t_975(degrees) - t).abs() < 0.01, "{degrees}: {}", t_975(degrees));
        }
    }

    #[test]
    fn pairs_cancel_what_they_share() {
        let base: Vec<f64> = (0..50).map(|i| f64::from(i * i % 31)).collect();
        let better: Vec<f64> = base.iter().map(|x| x + 0.5).collect();
        let e = paired(&better, &base);
        assert!((e.mean - 0.5).abs() < 1e-12 && e.se < 1e-12);
    }
}
