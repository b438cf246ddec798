//! The Session page: the loop between a user and a recommender, live.

mod bar;
mod branches;
mod card;
mod charts;
mod compare;
mod compose;
mod fork;
mod happening;
mod hint;
mod human;
mod interests;
mod item;
mod mdp;
mod memory;
mod reward;
mod rollouts;
mod said;
mod setup;
mod share;
mod slate;
pub(super) mod thumb;
mod timeline;
mod trace;
mod user;

use super::Engine;
pub use fork::follow;
use leptos::prelude::*;
pub use share::copy as copy_link;

/// What the page's parts share beside the engine.
#[derive(Clone, Copy)]
pub struct Open {
    /// Whether the fork dialog is open.
    pub fork: RwSignal<bool>,
    /// Whether the decision process is shown.
    pub mdp: RwSignal<bool>,
}

/// The page, drawn once there is a snapshot.
#[component]
pub fn Session() -> impl IntoView {
    let open = Open { fork: RwSignal::new(false), mdp: RwSignal::new(false) };
    provide_context(open);
    compare::run_by_itself(expect_context::<Engine>());
    view! {
        <hint::Hint />
        <bar::PlayBar />
        <setup::SetupBar />
        // What a guest says of itself is drawn here by the second program.
        <div id="guest"></div>
        <branches::Branches />
        <div class="columns">
            <section class="col user-col" aria-label="The user">
                <user::UserCard />
                <interests::InterestsCard />
                <memory::MemoryCard />
            </section>
            <section class="col loop-col" aria-label="The loop">
                <slate::LoopCard />
                <charts::InterestsFigure />
                <happening::HappeningCard />
                <charts::RolloutsFigure />
            </section>
            <section class="col reward-col" aria-label="The reward">
                <reward::RewardCard />
                <charts::TrajectoryFigure />
                <compare::CompareCard />
                <rollouts::RolloutsCard />
            </section>
        </div>
        <fork::ForkDialog />
        <mdp::MdpDialog />
    }
}
