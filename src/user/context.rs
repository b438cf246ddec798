//! The circumstances of a session.

use serde::{Deserialize, Serialize};

/// What the user holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Device {
    /// A phone.
    #[default]
    Phone,
    /// A laptop or desktop.
    Laptop,
    /// A television.
    Television,
    /// A speaker or headphones.
    Speaker,
}

/// Where the user is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Place {
    /// At home.
    #[default]
    Home,
    /// On the way.
    Commute,
    /// At work or school.
    Work,
    /// Out.
    Out,
}

/// Who is there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Company {
    /// Nobody else.
    #[default]
    Alone,
    /// Friends.
    Friends,
    /// Family.
    Family,
}

/// The circumstances of a session: known to both sides.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Context {
    /// What the user holds.
    pub device: Device,
    /// Where the user is.
    pub place: Place,
    /// Who is there.
    pub company: Company,
    /// Local time, minutes after midnight, 0 to 1439.
    pub minute: u16,
}

/// The number of [`Context::features`].
pub const CONTEXT: usize = 8;

impl Context {
    /// The context as numbers for the attention over memory, each in [-1, 1].
    #[must_use]
    pub fn features(&self) -> [f32; CONTEXT] {
        let is = |b: bool| if b { 1.0 } else { 0.0 };
        let hour = f32::from(self.minute.min(1439)) / 60.0;
        [
            is(self.device == Device::Phone),
            is(self.device == Device::Television),
            is(self.place == Place::Commute || self.place == Place::Out),
            is(self.place == Place::Work),
            is(self.company != Company::Alone),
            is((5.0..11.0).contains(&hour)),
            is((11.0..18.0).contains(&hour)),
            is(!(5.0..22.0).contains(&hour)),
        ]
    }
}
