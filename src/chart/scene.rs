//! The marks that a chart is made of.

/// A colour by its role; the page's tokens say what it is in light and dark.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ink {
    /// Text and whatever must be read.
    #[default]
    Text,
    /// Quieter text.
    Quiet,
    /// Axis labels.
    Faint,
    /// Rules and grid.
    Rule,
    /// The paper.
    Paper,
    /// The empty part of a meter.
    Track,
    /// The user.
    User,
    /// The user, as a tint.
    UserSoft,
    /// The recommender.
    Reco,
    /// The recommender, as a tint.
    RecoSoft,
    /// Reward.
    Gain,
    /// Reward, as a tint.
    GainSoft,
    /// Loss.
    Loss,
    /// A topic's hue, 0 to 7.
    Topic(u8),
}

impl Ink {
    /// Every colour.
    pub const ALL: [Self; 21] = [
        Self::Text,
        Self::Quiet,
        Self::Faint,
        Self::Rule,
        Self::Paper,
        Self::Track,
        Self::User,
        Self::UserSoft,
        Self::Reco,
        Self::RecoSoft,
        Self::Gain,
        Self::GainSoft,
        Self::Loss,
        Self::Topic(0),
        Self::Topic(1),
        Self::Topic(2),
        Self::Topic(3),
        Self::Topic(4),
        Self::Topic(5),
        Self::Topic(6),
        Self::Topic(7),
    ];

    /// The custom property of the style sheet that holds it.
    #[must_use]
    pub fn property(self) -> &'static str {
        match self {
            Self::Text => "--ink",
            Self::Quiet => "--ink-2",
            Self::Faint => "--ink-3",
            Self::Rule => "--line",
            Self::Paper => "--paper",
            Self::Track => "--track",
            Self::User => "--user",
            Self::UserSoft => "--user-soft",
            Self::Reco => "--reco",
            Self::RecoSoft => "--reco-soft",
            Self::Gain => "--gain",
            Self::GainSoft => "--gain-soft",
            Self::Loss => "--loss",
            Self::Topic(h) => ["--t1", "--t2", "--t3", "--t4", "--t5", "--t6", "--t7", "--t8"][usize::from(h % 8)],
        }
    }
}

/// What an area is filled with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fill {
    /// Nothing.
    #[default]
    None,
    /// A colour.
    Solid(Ink),
    /// A topic's hue with its pattern, 0 to 7.
    Topic(u8),
}

/// How a line is broken, so that lines differ without colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Dash {
    /// Not at all.
    #[default]
    Solid,
    /// Into dashes.
    Dashed,
    /// Into dots.
    Dotted,
    /// Dash and dot in turn.
    DashDot,
}

impl Dash {
    /// The `stroke-dasharray`.
    #[must_use]
    pub fn array(self) -> &'static str {
        match self {
            Self::Solid => "none",
            Self::Dashed => "6 4",
            Self::Dotted => "1.5 3.5",
            Self::DashDot => "8 3 1.5 3",
        }
    }
}

/// How a shape is drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Style {
    /// The filling.
    pub fill: Fill,
    /// The outline's colour.
    pub stroke: Option<Ink>,
    /// The outline's width, pixels.
    pub width: f64,
    /// The outline's dashes.
    pub dash: Dash,
    /// Opacity, from 0 to 1.
    pub opacity: f64,
}

impl Style {
    /// A filled shape.
    #[must_use]
    pub fn filled(fill: Fill) -> Self {
        Self { fill, stroke: None, width: 0.0, dash: Dash::Solid, opacity: 1.0 }
    }

    /// A line.
    #[must_use]
    pub fn line(ink: Ink, width: f64, dash: Dash) -> Self {
        Self { fill: Fill::None, stroke: Some(ink), width, dash, opacity: 1.0 }
    }

    /// The same with an outline.
    #[must_use]
    pub fn outlined(mut self, ink: Ink, width: f64) -> Self {
        (self.stroke, self.width) = (Some(ink), width);
        self
    }

    /// The same, seen through.
    #[must_use]
    pub fn seen_through(mut self, opacity: f64) -> Self {
        self.opacity = opacity;
        self
    }
}

/// Which end of a text stands at its place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Anchor {
    /// Its start.
    #[default]
    Start,
    /// Its middle.
    Middle,
    /// Its end.
    End,
}

impl Anchor {
    /// The `text-anchor`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Middle => "middle",
            Self::End => "end",
        }
    }
}

/// One mark; lengths in CSS pixels, y downwards.
#[derive(Clone, Debug, PartialEq)]
pub enum Mark {
    /// An outline in SVG's path language.
    Path {
        /// The path.
        d: String,
        /// How it is drawn.
        style: Style,
    },
    /// A rectangle.
    Rect {
        /// Left, top, width, height.
        area: [f64; 4],
        /// The radius of its corners.
        radius: f64,
        /// How it is drawn.
        style: Style,
    },
    /// A circle.
    Circle {
        /// Its centre.
        centre: [f64; 2],
        /// Its radius.
        radius: f64,
        /// How it is drawn.
        style: Style,
    },
    /// A line of text.
    Text {
        /// Where its anchor stands, on the baseline.
        at: [f64; 2],
        /// Which end stands there.
        anchor: Anchor,
        /// The size, pixels.
        size: f64,
        /// Whether it is bold.
        bold: bool,
        /// Its colour.
        ink: Ink,
        /// Whether paper shows around the letters, so that they are read on any ground.
        halo: bool,
        /// The words.
        words: String,
    },
}

/// A picture: marks from the back to the front.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scene {
    /// Its width, CSS pixels.
    pub width: f64,
    /// Its height, CSS pixels.
    pub height: f64,
    /// Its marks.
    pub marks: Vec<Mark>,
}

impl Scene {
    /// An empty picture.
    #[must_use]
    pub fn new(width: f64, height: f64) -> Self {
        Self { width, height, marks: Vec::new() }
    }

    /// Adds a path.
    pub fn path(&mut self, d: String, style: Style) {
        self.marks.push(Mark::Path { d, style });
    }

    /// Adds a straight line.
    pub fn line(&mut self, from: [f64; 2], to: [f64; 2], style: Style) {
        use super::text::px;
        let d = format!("M{} {}L{} {}", px(from[0]), px(from[1]), px(to[0]), px(to[1]));
        self.marks.push(Mark::Path { d, style });
    }

    /// Adds a rectangle (left, top, width, height).
    pub fn rect(&mut self, area: [f64; 4], radius: f64, style: Style) {
        self.marks.push(Mark::Rect { area, radius, style });
    }

    /// Adds a circle.
    pub fn circle(&mut self, centre: [f64; 2], radius: f64, style: Style) {
        self.marks.push(Mark::Circle { centre, radius, style });
    }

    /// Adds a label of 11 pixels.
    pub fn label(&mut self, at: [f64; 2], anchor: Anchor, ink: Ink, words: impl Into<String>) {
        self.text(at, anchor, 11.0, false, ink, false, words.into());
    }

    /// Adds a label with paper around its letters.
    pub fn label_on(&mut self, at: [f64; 2], anchor: Anchor, ink: Ink, words: impl Into<String>) {
        self.text(at, anchor, 11.0, true, ink, true, words.into());
    }

    /// Adds text.
    #[expect(clippy::too_many_arguments, reason = "a text has these seven properties and no fewer")]
    pub fn text(&mut self, at: [f64; 2], anchor: Anchor, size: f64, bold: bool, ink: Ink, halo: bool, words: String) {
        self.marks.push(Mark::Text { at, anchor, size, bold, ink, halo, words });
    }
}
