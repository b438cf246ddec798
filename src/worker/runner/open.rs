//! Opening: a scenario, a link's moment, a saved session, an exported run.

use super::{Done, Runner, Show, branch::Branch, problem, seat, stage::Stage};
use crate::{
    scenario::{self, CatalogSpec, Scenario},
    session::{
        Place, Tape,
        player::{PlayError, Player, TRAJECTORY, Trajectory},
    },
    worker::protocol::{Event, MAX_BRANCHES, SAVE_SCHEMA, Save, Side},
};

/// The largest run file that is read, bytes.
const MAX_RUN: usize = 64 << 20;

impl Runner {
    pub(super) fn open(&mut self, mut scenario: Scenario, moment: Option<usize>, out: &mut Vec<Event>) -> Done {
        let failed = "The scenario was not opened";
        if cfg!(feature = "whole")
            && self.seat.serving.is_none()
            && let Some(plain) = seat::without_serving(&scenario)
        {
            let by = &plain.recommender.name;
            out.push(Event::Notice(format!(
                "The trained policy that served here is not there; {by} serves in its place."
            )));
            scenario = plain;
        }
        let stage = self.stage_of(scenario).map_err(|e| problem(failed, e))?;
        self.start(stage, (Side::Builtin, Side::Builtin)).map_err(|e| problem(failed, e))?;
        let Some(moment) = moment else { return Ok(()) };
        let show = self.show_mut()?;
        let (branch, stage) = show.branch_mut();
        while branch.player().moments() < moment && branch.step(stage).map_err(|e| problem(failed, e))? {}
        branch.seek(moment, stage).map_err(|e| problem(failed, e))
    }

    /// The scenario's stage.
    fn stage_of(&self, scenario: Scenario) -> Result<Stage, String> {
        self.extras.map_or(Ok(()), |x| (x.validate)(&scenario)).map_err(|e| e.to_string())?;
        let serving = self.seat.serving.clone();
        // The recommender that was brought along is on no list.
        let checked = if serving.is_some() { plain(&scenario) } else { scenario.clone() };
        if let Some(last) = self.world_of_same_import(&scenario) {
            let (size, items) = (scenario.slate_size, last.world.shelf().items.len());
            if size > items {
                return Err(format!("A slate of {size} items is longer than the catalogue, which holds {items}."));
            }
            return Ok(Stage::new(scenario, last.world.clone(), Some(last), serving));
        }
        let imported = match &scenario.catalog {
            CatalogSpec::Synthetic { .. } => None,
            CatalogSpec::Imported { name, digest } => {
                Some(self.catalogs.iter().find(|(d, _)| d == digest).map(|(_, c)| c.clone()).ok_or_else(|| {
                    format!(
                        "Its items, “{}”, are not here. Import them first, then open it again.",
                        super::words::clip(name, 60)
                    )
                })?)
            }
        };
        let world = scenario::build_valid(&checked, imported).map_err(|e| e.to_string())?;
        Ok(Stage::new(scenario, world, None, serving))
    }

    /// The present stage, where it is over the same imported items: to represent a hundred thousand of them again would
    /// take a noticeable moment. Generated ones are made again, which is quick and checks the scenario's topics.
    fn world_of_same_import(&self, scenario: &Scenario) -> Option<&Stage> {
        let stage = &self.show.as_ref()?.stage;
        let CatalogSpec::Imported { digest, .. } = &scenario.catalog else { return None };
        let same =
            stage.scenario.catalog == scenario.catalog && stage.scenario.representation == scenario.representation;
        // Pictures may have come since.
        let brought = self.catalogs.iter().find(|(d, _)| d == digest).map(|(_, c)| c.gallery.seen());
        (same && brought.is_none_or(|seen| seen == stage.world.gallery().seen())).then_some(stage)
    }

    /// Starts a session on a stage, its first turn played (or, where a person plays, up to their first answer).
    pub(super) fn start(&mut self, stage: Stage, sides: (Side, Side)) -> Result<(), PlayError> {
        let last = self.show.as_ref().map(|s| &s.stage);
        let stage = Stage::new((*stage.scenario).clone(), stage.world.clone(), last, self.seat.serving.clone());
        let sides = self.sides_with_guest(sides);
        let player = Player::new(stage.scenario.clone(), stage.world.clone(), stage.make.clone())?;
        let mut branch = Branch::new(0, None, player, &stage)?;
        if sides == (Side::Builtin, Side::Builtin) {
            branch.step_turn(&stage)?;
        } else if sides.1 == Side::Builtin {
            branch.step(&stage)?;
        }
        self.put(Show {
            stage,
            branches: vec![branch],
            selected: 0,
            next_id: 1,
            user_by: sides.0,
            slate_by: sides.1,
            playing: false,
        });
        self.seat_guest(true);
        Ok(())
    }

    /// Shows another session; what was computed for the last one is dropped.
    fn put(&mut self, show: Show) {
        self.forks_gone = self.show.as_ref().map_or(0, |s| s.branches.len() - 1);
        self.show = Some(show);
        (self.compare, self.many, self.rollouts) = (None, None, None);
        self.changed();
    }

    pub(super) fn resume(&mut self, save: Save, out: &mut Vec<Event>) -> Done {
        let failed = "The session was not taken up again";
        if save.schema != SAVE_SCHEMA {
            let why =
                format!("It was kept as “{}”; this version reads {SAVE_SCHEMA}.", super::words::clip(&save.schema, 60));
            return Err(problem(failed, why));
        }
        let mut stage = self.stage_of(plain(&save.scenario)).map_err(|e| problem(failed, e))?;
        if cfg!(feature = "whole") {
            if let Err(why) = self.try_serving(&stage) {
                out.push(seat::gone(why));
            }
            if self.seat.serving.is_none() && seat::is_served(&save) {
                return self.open(save.scenario, None, out);
            }
            stage = Stage::new(save.scenario, stage.world.clone(), Some(&stage), self.seat.serving.clone());
        }
        let branches: Result<Vec<Branch>, _> = save.branches.iter().map(|b| Branch::restore(b, &stage)).collect();
        let branches = branches.map_err(|e| problem(failed, e))?;
        if branches.first().is_none_or(|b| b.id != 0) {
            return Err(problem(failed, "It holds no session."));
        }
        let selected = branches.iter().position(|b| b.id == save.selected).unwrap_or(0);
        let next_id = branches.iter().map(|b| b.id).max().unwrap_or(0).saturating_add(1);
        let (user_by, slate_by) = (save.user_by, save.slate_by);
        let mut show = Show { stage, branches, selected, next_id, user_by, slate_by, playing: false };
        let (branch, stage) = show.branch_mut();
        branch.seek(save.cursor, stage).map_err(|e| problem(failed, e))?;
        self.speed = save.speed;
        let was_seated = show.user_by == Side::Guest || show.slate_by == Side::Guest;
        self.put(show);
        if self.seat.guest.is_none() {
            if was_seated {
                out.push(Event::Notice(
                    "A guest (a language model, or a recommender of your own) played in this session and is not here any \
                     more. What it answered stays; from here on the built-in sides play. A language model goes on from its own page."
                        .into(),
                ));
            }
            return self.without_guest();
        }
        if was_seated {
            self.agree_on_sides();
            self.seat_guest(false);
            return Ok(());
        }
        // The guest has just sat down: it plays from the beginning, on the same seed or in its own scenario, also where a
        // person has played its side so far.
        let (user, slate) = self.seat.guest.as_ref().map_or((false, false), |g| g.sides());
        let show = self.show_mut()?;
        for (side, _) in [(&mut show.user_by, user), (&mut show.slate_by, slate)].into_iter().filter(|s| s.1) {
            *side = Side::Builtin;
        }
        match self.seat.guest.as_ref().and_then(|g| g.scenario()) {
            Some(scenario) => self.open(scenario, None, out),
            None => self.restage("The session did not begin anew", |_| {}),
        }
    }

    /// The guest has gone: the built-in sides play on.
    pub(super) fn without_guest(&mut self) -> Done {
        let show = self.show_mut()?;
        for side in [&mut show.user_by, &mut show.slate_by] {
            if *side == Side::Guest {
                *side = Side::Builtin;
            }
        }
        Ok(())
    }

    pub(super) fn load_run(&mut self, json: &str) -> Done {
        let failed = "The run was not opened";
        if json.len() > MAX_RUN {
            return Err(problem(
                failed,
                format!("The file has {} MB; at most {} are read.", json.len() >> 20, MAX_RUN >> 20),
            ));
        }
        let run: Trajectory = serde_json::from_str(json).map_err(|e| {
            let why =
                format!("It is not a run that this version wrote (line {}, column {}): {e}.", e.line(), e.column());
            problem(failed, why)
        })?;
        if run.schema != TRAJECTORY {
            let why = format!("It says “{}”; this version reads {TRAJECTORY}.", super::words::clip(&run.schema, 60));
            return Err(problem(failed, why));
        }
        let stage = self.stage_of(run.scenario).map_err(|e| problem(failed, e))?;
        let Trajectory { changes, answers, remarks, interview, .. } = run;
        let place = run.place.unwrap_or(Place { branch: 0, origin: None, moment: answers.len(), others: Vec::new() });
        let Place { branch: seen, origin, moment, others } = place;
        let mut tapes = vec![Tape { branch: seen, origin, changes, answers, remarks, interview }];
        tapes.extend(others);
        tapes.sort_by_key(|t| t.branch);
        fit_together(&tapes).map_err(|why| problem(failed, why))?;
        let branches: Result<Vec<Branch>, _> = tapes.into_iter().map(|t| Branch::replay(t, &stage)).collect();
        let branches = branches.map_err(|e| problem(failed, e))?;
        let selected = branches.iter().position(|b| b.id == seen).unwrap_or(0);
        let next_id = branches.last().map_or(0, |b| b.id).saturating_add(1);
        let (user_by, slate_by) = (Side::Builtin, Side::Builtin);
        let mut show = Show { stage, branches, selected, next_id, user_by, slate_by, playing: false };
        let (branch, stage) = show.branch_mut();
        branch.seek(moment, stage).map_err(|e| problem(failed, e))?;
        self.put(show);
        Ok(())
    }
}

/// Whether tapes in order of their branches can be those of one session: an original, and forks of what was there before
/// them. The branch that a fork left may have been dropped since.
fn fit_together(tapes: &[Tape]) -> Result<(), String> {
    if tapes.len() > MAX_BRANCHES {
        return Err(format!("It holds {} branches; at most {MAX_BRANCHES} can be open.", tapes.len()));
    }
    if tapes.first().is_none_or(|t| t.branch != 0 || t.origin.is_some()) {
        return Err("Its field “place” names no original: branch 0, without an origin.".into());
    }
    for pair in tapes.windows(2) {
        let fork = &pair[1];
        if pair[0].branch == fork.branch || fork.origin.is_none_or(|(from, _)| from >= fork.branch) {
            return Err(format!("Its field “place”: branch {} left no earlier branch.", fork.branch));
        }
    }
    Ok(())
}

/// The scenario without a recommender that was brought along.
fn plain(scenario: &Scenario) -> Scenario {
    let without = if cfg!(feature = "whole") { seat::without_serving(scenario) } else { None };
    without.unwrap_or_else(|| scenario.clone())
}
