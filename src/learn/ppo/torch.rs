//! One minibatch and one step of Adam against what PyTorch computes (`tests/torch/ppo_gradient.py` recorded it).

use super::*;
use crate::{
    learn::{
        nn::Adam,
        policy::Views,
        task::{Shape, View},
    },
    math::Source,
};
use serde::Deserialize;

#[derive(Deserialize)]
struct Recorded {
    observations: Vec<Vec<f32>>,
    slates: Vec<Vec<u16>>,
    old_log_probs: Vec<f32>,
    advantages: Vec<f32>,
    returns: Vec<f32>,
    old_values: Vec<f32>,
    actor: Vec<Vec<f32>>,
    critic: Vec<Vec<f32>>,
    actor_gradient: Vec<Vec<f32>>,
    critic_gradient: Vec<Vec<f32>>,
    actor_after: Vec<Vec<f32>>,
    critic_after: Vec<Vec<f32>>,
    entropies: Vec<f64>,
    norm: f64,
    policy_loss: f64,
    value_loss: f64,
}

fn near(what: &str, got: &[f32], expected: &[f32], within: f32) {
    assert_eq!(got.len(), expected.len(), "{what}");
    for (i, (a, b)) in got.iter().zip(expected).enumerate() {
        assert!((a - b).abs() <= within * (1.0 + b.abs()), "{what} {i}: {a}, PyTorch has {b}");
    }
}

#[test]
fn a_minibatch_and_a_step_of_adam_are_those_of_pytorch() {
    let r: Recorded =
        serde_json::from_str(include_str!("../../../tests/golden/torch-ppo.json")).expect("as it was recorded");
    let shape = Shape { observation: 5, features: 0, candidates: 7, slate: 3 };
    let mut brain = Brain::new(shape, 9, Source::new(0));
    brain.policy = Policy::from_named(shape, 9, r.actor.clone()).expect("of this shape");
    brain.critic_params = brain.critic.from_named(&r.critic).expect("of this shape");
    brain.adam = [Adam::new(brain.policy.params.len(), 1e-5), Adam::new(brain.critic_params.len(), 1e-5)];
    let mut buffer = Buffer { views: Views::new(shape), ..Buffer::default() };
    for observation in &r.observations {
        buffer.views.push(&View { observation: observation.clone(), features: Vec::new(), count: 7 });
    }
    buffer.slates = r.slates.concat();
    (buffer.log_probs, buffer.values) = (r.old_log_probs, r.old_values);
    (buffer.advantages, buffer.returns) = (r.advantages, r.returns);
    let fields = Fields::of(&Setup::new(&PPO));
    let (mut work, mut sums) = (Workspace::default(), Sums::default());
    let batch: Vec<u32> = (0..12).collect();
    minibatch(&fields, &mut brain, &buffer, &mut work, &batch, 3e-4, &mut sums).expect("finite");
    assert!((sums.grad_norm - r.norm).abs() < 1e-4 * r.norm, "{} and {}", sums.grad_norm, r.norm);
    assert!(
        (sums.policy_loss / 12.0 - r.policy_loss).abs() < 1e-4,
        "{} and {}",
        sums.policy_loss / 12.0,
        r.policy_loss
    );
    // Theirs is half the square, as CleanRL has it; ours tells the square.
    assert!((sums.value_loss / 24.0 - r.value_loss).abs() < 1e-4);
    assert!((sums.entropy - r.entropies.iter().sum::<f64>()).abs() < 1e-3);
    let shrunk = |parts: &[Vec<f32>]| -> Vec<Vec<f32>> {
        let k = (0.5 / r.norm).min(1.0) as f32;
        parts.iter().map(|p| p.iter().map(|g| g * k).collect()).collect()
    };
    let actor = Policy::from_named(shape, 9, shrunk(&r.actor_gradient)).expect("of this shape").params;
    near("actor's gradient", &work.grads, &actor, 2e-5);
    let critic = brain.critic.from_named(&shrunk(&r.critic_gradient)).expect("of this shape");
    near("critic's gradient", &work.critic_grads, &critic, 2e-5);
    let actor = Policy::from_named(shape, 9, r.actor_after).expect("of this shape").params;
    near("actor", &brain.policy.params, &actor, 2e-5);
    let critic = brain.critic.from_named(&r.critic_after).expect("of this shape");
    near("critic", &brain.critic_params, &critic, 2e-5);
}
