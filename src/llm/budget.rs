//! Tokens, money and time: what a run will take, what it has taken, and when to stop.

use super::chat::Usage;
use serde::{Deserialize, Serialize};

/// A model's prices, in the person's own currency for a million tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Prices {
    /// Of the prompt.
    pub prompt: f64,
    /// Of the part of the prompt that the server had in its cache; none: the price of the prompt.
    pub cached: Option<f64>,
    /// Of the answer.
    pub completion: f64,
}

impl Prices {
    /// What a usage costs.
    #[must_use]
    pub fn cost(&self, usage: &Usage) -> f64 {
        let cached = f64::from(usage.cached.min(usage.prompt));
        let fresh = f64::from(usage.prompt) - cached;
        (fresh * self.prompt
            + cached * self.cached.unwrap_or(self.prompt)
            + f64::from(usage.completion) * self.completion)
            / 1e6
    }
}

/// When to stop.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Budget {
    /// The prices.
    pub prices: Prices,
    /// The most to spend, in the currency of the prices.
    pub most_cost: Option<f64>,
    /// The most tokens, prompt and answer together.
    pub most_tokens: Option<u64>,
}

/// What was spent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Spent {
    /// Calls that were sent.
    pub calls: u32,
    /// Of those, calls that brought no answer.
    #[serde(default)]
    pub failed: u32,
    /// Tokens of prompts.
    pub prompt: u64,
    /// Of those, from a cache.
    pub cached: u64,
    /// Tokens of answers.
    pub completion: u64,
    /// Of all tokens, those of calls for which the server told none: an estimate.
    #[serde(default)]
    pub estimated: u64,
    /// What they cost.
    pub cost: f64,
    /// The time that the calls took together, ms.
    pub ms: u64,
}

impl Spent {
    /// Adds a call.
    pub fn add(&mut self, usage: &Usage, prices: &Prices, took_ms: u64) {
        self.calls += 1;
        self.prompt += u64::from(usage.prompt);
        self.cached += u64::from(usage.cached.min(usage.prompt));
        self.completion += u64::from(usage.completion);
        if usage.estimated {
            self.estimated += u64::from(usage.prompt) + u64::from(usage.completion);
        }
        self.cost += prices.cost(usage);
        self.ms += took_ms;
    }

    /// Adds a call that brought no answer; the usage is what it took all the same.
    pub fn add_failed(&mut self, usage: &Usage, prices: &Prices, took_ms: u64) {
        self.failed += 1;
        self.add(usage, prices, took_ms);
    }

    /// All tokens.
    #[must_use]
    pub fn tokens(&self) -> u64 {
        self.prompt + self.completion
    }

    /// What `turns` turns (or sessions, or calls) will take when `measured` of them took this much.
    #[must_use]
    pub fn scaled(&self, measured: f64, turns: f64) -> Self {
        let k = if measured > 0.0 { turns / measured } else { 0.0 };
        let up = |n: u64| (n as f64 * k).ceil() as u64;
        Self {
            calls: (f64::from(self.calls) * k).ceil() as u32,
            failed: (f64::from(self.failed) * k).ceil() as u32,
            prompt: up(self.prompt),
            cached: up(self.cached),
            completion: up(self.completion),
            estimated: up(self.estimated),
            cost: self.cost * k,
            ms: up(self.ms),
        }
    }
}

impl Budget {
    /// Why nothing more may be spent, if so.
    #[must_use]
    pub fn reached(&self, spent: &Spent) -> Option<String> {
        if let Some(most) = self.most_cost.filter(|m| spent.cost >= *m) {
            return Some(format!("The budget of {most} is spent ({:.4}). Raise it to play on.", spent.cost));
        }
        let most = self.most_tokens.filter(|m| spent.tokens() >= *m)?;
        Some(format!("The budget of {most} tokens is spent ({}). Raise it to play on.", spent.tokens()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cached_tokens_have_their_own_price_and_the_budget_ends() {
        let prices = Prices { prompt: 2.0, cached: Some(0.5), completion: 8.0 };
        let usage = Usage { prompt: 1000, cached: 800, completion: 100, estimated: false };
        assert!((prices.cost(&usage) - (200.0 * 2.0 + 800.0 * 0.5 + 100.0 * 8.0) / 1e6).abs() < 1e-12);
        let mut spent = Spent::default();
        let budget = Budget { prices, most_cost: Some(0.003), most_tokens: Some(3000) };
        spent.add(&usage, &prices, 700);
        assert_eq!(budget.reached(&spent), None);
        spent.add(&usage, &prices, 700);
        assert!(budget.reached(&spent).expect("is spent").contains("budget of 0.003"));
        let thousand = spent.scaled(2.0, 1000.0);
        assert_eq!((thousand.prompt, thousand.ms), (1_000_000, 700_000));
    }
}
