//! The icons: strokes of 2 on a grid of 24. All of them stand beside a word or a
//! label, so they are hidden from assistive technology. The mark is our own, the
//! others are Lucide's, each as one path; `public/icons/LICENSE.txt` has their licence.

use leptos::prelude::*;

/// The product's mark, as `public/favicon.svg` has it.
const MARK: &str = "M3 3h10v10H3zM13 13h8v8h-8zM17 3h4v4";

/// Which icon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Glyph {
    /// The product's mark: two blocks that fit together.
    Mark,
    /// A tick in a circle: all is well.
    Fresh,
    /// Two arrows in a circle: something is being done.
    Working,
    /// A triangle: someone should look.
    Attention,
    /// A cross in a circle: it failed.
    Broken,
    /// An i in a circle: advice.
    Note,
    /// A plus.
    Add,
    /// A magnifying glass.
    Search,
    /// A branch leaving its trunk.
    Branch,
    /// A point on a line.
    Commit,
    /// A sheet.
    File,
    /// An arrow out of a box.
    External,
    /// Two sheets.
    Copy,
    /// A tick.
    Done,
    /// An arrow turning back.
    Rollback,
    /// A line of arrows to the right.
    Forward,
    /// The same to the left.
    Back,
    /// A terminal's prompt.
    Prompt,
    /// A door with an arrow.
    SignOut,
    /// A padlock.
    Lock,
    /// An arrow head, down.
    Switch,
    /// Four blocks.
    Components,
    /// A parcel.
    Packages,
    /// A pulse.
    Activity,
    /// Sliders.
    Settings,
    /// A screen.
    System,
    /// A sun.
    Light,
    /// A moon.
    Dark,
    /// A cross: take away.
    Clear,
}

impl Glyph {
    /// The strokes, on a grid of 24.
    pub const fn path(self) -> &'static str {
        match self {
            Self::Mark => MARK,
            Self::Fresh => "M2 12a10 10 0 1 0 20 0a10 10 0 1 0-20 0M16 9l-5.5 5.5L8 12",
            Self::Working => {
                "M3 12a9 9 0 0 1 9-9 9.75 9.75 0 0 1 6.74 2.74L21 8M21 3v5h-5M21 12a9 9 0 0 1-9 9 9.75 9.75 0 0 1-6.74-2.74L3 16M8 16H3v5"
            }
            Self::Attention => {
                "M21.73 18l-8-14a2 2 0 0 0-3.48 0l-8 14A2 2 0 0 0 4 21h16a2 2 0 0 0 1.73-3M12 9v4M12 17h.01"
            }
            Self::Broken => "M2 12a10 10 0 1 0 20 0a10 10 0 1 0-20 0M15 9l-6 6M9 9l6 6",
            Self::Note => "M2 12a10 10 0 1 0 20 0a10 10 0 1 0-20 0M12 16v-4M12 8h.01",
            Self::Add => "M5 12h14M12 5v14",
            Self::Search => "M21 21l-4.34-4.34M3 11a8 8 0 1 0 16 0a8 8 0 1 0-16 0",
            Self::Branch => "M15 6a9 9 0 0 0-9 9V3M15 6a3 3 0 1 0 6 0a3 3 0 1 0-6 0M3 18a3 3 0 1 0 6 0a3 3 0 1 0-6 0",
            Self::Commit => "M9 12a3 3 0 1 0 6 0a3 3 0 1 0-6 0M3 12L9 12M15 12L21 12",
            Self::File => {
                "M6 22a2 2 0 0 1-2-2V4a2 2 0 0 1 2-2h8a2.4 2.4 0 0 1 1.704.706l3.588 3.588A2.4 2.4 0 0 1 20 8v12a2 2 0 0 1-2 2zM14 2v5a1 1 0 0 0 1 1h5"
            }
            Self::External => "M21 13v6a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2V5a2 2 0 0 1 2-2h6M21 3l-9 9M15 3h6v6",
            Self::Copy => {
                "M10 8h10a2 2 0 0 1 2 2v10a2 2 0 0 1-2 2h-10a2 2 0 0 1-2-2v-10a2 2 0 0 1 2-2zM4 16c-1.1 0-2-.9-2-2V4c0-1.1.9-2 2-2h10c1.1 0 2 .9 2 2"
            }
            Self::Done => "M20 6 9 17l-5-5",
            Self::Rollback => "M9 14 4 9l5-5M4 9h10.5a5.5 5.5 0 0 1 5.5 5.5a5.5 5.5 0 0 1-5.5 5.5H11",
            Self::Forward => "M9 18l6-6-6-6",
            Self::Back => "M15 18l-6-6 6-6",
            Self::Prompt => "M12 19h8M4 17l6-6-6-6",
            Self::SignOut => "M16 17l5-5-5-5M21 12H9M9 21H5a2 2 0 0 1-2-2V5a2 2 0 0 1 2-2h4",
            Self::Lock => {
                "M5 11h14a2 2 0 0 1 2 2v7a2 2 0 0 1-2 2h-14a2 2 0 0 1-2-2v-7a2 2 0 0 1 2-2zM7 11V7a5 5 0 0 1 10 0v4"
            }
            Self::Switch => "M6 9l6 6 6-6",
            Self::Components => {
                "M4 3h5a1 1 0 0 1 1 1v5a1 1 0 0 1-1 1h-5a1 1 0 0 1-1-1v-5a1 1 0 0 1 1-1zM15 3h5a1 1 0 0 1 1 1v5a1 1 0 0 1-1 1h-5a1 1 0 0 1-1-1v-5a1 1 0 0 1 1-1zM15 14h5a1 1 0 0 1 1 1v5a1 1 0 0 1-1 1h-5a1 1 0 0 1-1-1v-5a1 1 0 0 1 1-1zM4 14h5a1 1 0 0 1 1 1v5a1 1 0 0 1-1 1h-5a1 1 0 0 1-1-1v-5a1 1 0 0 1 1-1z"
            }
            Self::Packages => {
                "M11 21.73a2 2 0 0 0 2 0l7-4A2 2 0 0 0 21 16V8a2 2 0 0 0-1-1.73l-7-4a2 2 0 0 0-2 0l-7 4A2 2 0 0 0 3 8v8a2 2 0 0 0 1 1.73zM12 22V12M3.29 7 12 12 20.71 7M7.5 4.27l9 5.15"
            }
            Self::Activity => {
                "M22 12h-2.48a2 2 0 0 0-1.93 1.46l-2.35 8.36a.25.25 0 0 1-.48 0L9.24 2.18a.25.25 0 0 0-.48 0l-2.35 8.36A2 2 0 0 1 4.49 12H2"
            }
            Self::Settings => "M10 5H3M12 19H3M14 3v4M16 17v4M21 12h-9M21 19h-5M21 5h-7M8 10v4M8 12H3",
            Self::System => {
                "M4 3h16a2 2 0 0 1 2 2v10a2 2 0 0 1-2 2h-16a2 2 0 0 1-2-2v-10a2 2 0 0 1 2-2zM8 21L16 21M12 17L12 21"
            }
            Self::Light => {
                "M8 12a4 4 0 1 0 8 0a4 4 0 1 0-8 0M12 2v2M12 20v2M4.93 4.93l1.41 1.41M17.66 17.66l1.41 1.41M2 12h2M20 12h2M6.34 17.66l-1.41 1.41M19.07 4.93l-1.41 1.41"
            }
            Self::Dark => {
                "M20.985 12.486a9 9 0 1 1-9.473-9.472c.405-.022.617.46.402.803a6 6 0 0 0 8.268 8.268c.344-.215.825-.004.803.401"
            }
            Self::Clear => "M18 6 6 18M6 6l12 12",
        }
    }
}

/// An icon of the size of the text around it.
#[component]
pub fn Icon(
    /// Which one.
    glyph: Glyph,
) -> impl IntoView {
    let class = if glyph == Glyph::Working { "icon turning" } else { "icon" };
    view! {
        <svg class=class viewBox="0 0 24 24" width="16" height="16" aria-hidden="true" focusable="false">
            <path d=glyph.path()></path>
        </svg>
    }
    .into_any()
}
