//! The decision process with its present values.

use super::{
    super::{
        Engine,
        format::{plain, signed},
    },
    Open,
    fork::follow,
};
use leptos::prelude::*;

/// State, observation, action, transition and reward, side by side.
#[component]
pub fn MdpDialog() -> impl IntoView {
    let engine = expect_context::<Engine>();
    let open = expect_context::<Open>().mdp;
    let node = NodeRef::new();
    follow(node, open);
    let mdp = engine.part(|s| s.mdp.clone());
    view! {
        <dialog class="dialog wide" node_ref=node aria-labelledby="mdp-title" on:close=move |_| open.set(false)>
            <h2 id="mdp-title">"The decision process, now"</h2>
            <p class="muted">
                "The recommender acts on what it observes; the hidden state moves by what the user then does; engagement is the reward."
            </p>
            // Drawn only while it is looked at: its values change with each moment.
            {move || {
                open.get()
                    .then(|| {
                        let m = mdp.get();
                        view! {
                            <div class="mdp">
                                <section class="user">
                                    <h3>"State sₜ, hidden"</h3>
                                    <Pairs pairs=m.state />
                                </section>
                                <section class="reco">
                                    <h3>"Observation oₜ"</h3>
                                    <Pairs pairs=m.observation />
                                </section>
                                <section class="reco">
                                    <h3>"Action aₜ: the slate"</h3>
                                    <Pairs pairs=m.action />
                                </section>
                                <section class="user">
                                    <h3>"Transition: the last step"</h3>
                                    <dl>
                                        {m.transition
                                            .into_iter()
                                            .map(|(name, before, after)| {
                                                let same = before == after;
                                                view! {
                                                    <div>
                                                        <dt>{name}</dt>
                                                        <dd class="num" class:muted=same>{before}" → "{after}</dd>
                                                    </div>
                                                }
                                            })
                                            .collect_view()}
                                    </dl>
                                </section>
                                <section class="gain">
                                    <h3>"Reward rₜ of this turn"</h3>
                                    <dl>
                                        {m.reward
                                            .into_iter()
                                            .map(|(name, amount, weight, product)| {
                                                view! {
                                                    <div>
                                                        <dt>{name}</dt>
                                                        <dd class="num">{format!("{} × {} = {}", plain(amount, 2), plain(weight, 2), signed(product, 2))}</dd>
                                                    </div>
                                                }
                                            })
                                            .collect_view()}
                                    </dl>
                                    <p class="tiny">"The episode: "{m.end}</p>
                                </section>
                            </div>
                        }
                    })
            }}
            <div class="actions">
                <button class="btn" on:click=move |_| open.set(false)>"Close"</button>
            </div>
        </dialog>
    }
}

#[component]
fn Pairs(pairs: Vec<(String, String)>) -> impl IntoView {
    view! {
        <dl>
            {pairs
                .into_iter()
                .map(|(name, value)| view! { <div><dt>{name}</dt><dd class="num" dir="auto">{value}</dd></div> })
                .collect_view()}
        </dl>
    }
}
