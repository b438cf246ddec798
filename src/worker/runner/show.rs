//! The session being played: its stage, its branches, and which of them is looked at.

use super::{
    super::protocol::{BranchId, MAX_BRANCHES, Problem, SAVE_SCHEMA, Save, Side, Speed},
    branch::Branch,
    problem,
    stage::Stage,
};

/// The session being played.
pub(super) struct Show {
    pub(super) stage: Stage,
    pub(super) branches: Vec<Branch>,
    pub(super) selected: usize,
    pub(super) next_id: BranchId,
    pub(super) user_by: Side,
    pub(super) slate_by: Side,
    pub(super) playing: bool,
}

impl Show {
    pub(super) fn branch(&self) -> &Branch {
        &self.branches[self.selected]
    }

    pub(super) fn branch_mut(&mut self) -> (&mut Branch, &Stage) {
        (&mut self.branches[self.selected], &self.stage)
    }

    pub(super) fn place_of(&self, id: BranchId) -> Result<usize, Problem> {
        let at = self.branches.iter().position(|b| b.id == id);
        at.ok_or_else(|| problem("The branch was not opened", "It is not there any more."))
    }

    pub(super) fn room_for_fork(&self) -> Result<(), String> {
        if self.branches.len() < MAX_BRANCHES {
            return Ok(());
        }
        Err(format!("There are {} forks already. Drop one first.", MAX_BRANCHES - 1))
    }

    /// Adds a fork and looks at it.
    pub(super) fn add(&mut self, fork: Branch) {
        self.branches.push(fork);
        self.selected = self.branches.len() - 1;
        self.next_id += 1;
    }

    pub(super) fn save(&self, speed: Speed) -> Save {
        Save {
            schema: SAVE_SCHEMA.to_owned(),
            scenario: (*self.stage.scenario).clone(),
            branches: self.branches.iter().map(Branch::saved).collect(),
            selected: self.branch().id,
            cursor: self.branch().player().moment(),
            user_by: self.user_by,
            slate_by: self.slate_by,
            speed,
        }
    }
}
