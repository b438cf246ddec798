//! The fields that algorithms share, each written once: the same name means the same everywhere.

use crate::recommender::Setting;

pub(super) const fn field(
    name: &'static str,
    doc: &'static str,
    default: f64,
    min: f64,
    max: f64,
    whole: bool,
) -> Setting {
    Setting { name, doc, default, min, max, whole }
}

pub(super) const TOTAL_TIMESTEPS: Setting = field(
    "total_timesteps",
    "Environment steps over which the learning rate falls to a twentieth; after them it stays there.",
    1_000_000.0,
    1.0,
    1e9,
    true,
);

pub(super) const ANNEAL_LR: Setting =
    field("anneal_lr", "Whether the learning rate falls over total_timesteps (1) or stays (0).", 1.0, 0.0, 1.0, true);

pub(super) const NUM_ENVS: Setting = field("num_envs", "Episodes that run side by side.", 8.0, 1.0, 256.0, true);

pub(super) const NUM_STEPS: Setting =
    field("num_steps", "Steps of each episode between two updates.", 128.0, 4.0, 4096.0, true);

pub(super) const GAMMA: Setting =
    field("gamma", "How much a reward one step later counts: 0 looks at this step only.", 0.99, 0.0, 1.0, false);

pub(super) const ENT_COEF: Setting =
    field("ent_coef", "How much variety of slates is worth beside reward.", 0.01, 0.0, 1.0, false);

pub(super) const NORM_REWARD: Setting =
    field("norm_reward", "Whether rewards are scaled by the spread of returns (1) or not (0).", 1.0, 0.0, 1.0, true);

pub(super) const fn learning_rate(default: f64) -> Setting {
    field("learning_rate", "How far each step of Adam goes at first.", default, 1e-7, 0.1, false)
}

pub(super) const fn max_grad_norm(default: f64) -> Setting {
    field(
        "max_grad_norm",
        "The greatest length of a gradient; longer ones are shortened.",
        default,
        0.001,
        1000.0,
        false,
    )
}
