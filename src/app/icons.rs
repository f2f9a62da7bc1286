//! The icons: strokes on a 16 px grid. All of them stand beside a word or a
//! label, so they are hidden from assistive technology.

use leptos::prelude::*;

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
    /// A cross: take away.
    Clear,
}

impl Glyph {
    const fn path(self) -> &'static str {
        match self {
            Self::Mark => "M2.5 2.5h6v6h-6zM8.5 8.5h5v5h-5zM11 2.5h2.5V5",
            Self::Fresh => "M8 1.75a6.25 6.25 0 1 1 0 12.5 6.25 6.25 0 0 1 0-12.5zM5.25 8.25l2 2 3.5-4",
            Self::Working => "M2.25 7A6 6 0 0 1 13 4.5M13 1.75V4.5h-2.75M13.75 9A6 6 0 0 1 3 11.5M3 14.25V11.5h2.75",
            Self::Attention => "M8 2.25 14.5 13.5h-13zM8 6.5v3M8 11.4v.1",
            Self::Broken => "M8 1.75a6.25 6.25 0 1 1 0 12.5 6.25 6.25 0 0 1 0-12.5zM5.9 5.9l4.2 4.2M10.1 5.9l-4.2 4.2",
            Self::Note => "M8 1.75a6.25 6.25 0 1 1 0 12.5 6.25 6.25 0 0 1 0-12.5zM8 7.25v4M8 4.9v.1",
            Self::Add => "M8 3v10M3 8h10",
            Self::Search => "M7 2.25a4.75 4.75 0 1 1 0 9.5 4.75 4.75 0 0 1 0-9.5zM10.5 10.5l3.25 3.25",
            Self::Branch => {
                "M4.5 5.5v5M4.5 1.75a1.9 1.9 0 1 1 0 3.75 1.9 1.9 0 0 1 0-3.75zM4.5 10.5a1.9 1.9 0 1 1 0 3.75 1.9 1.9 0 0 1 0-3.75zM11.5 1.75a1.9 1.9 0 1 1 0 3.75 1.9 1.9 0 0 1 0-3.75zM11.5 5.5c0 3-7 1.75-7 5"
            }
            Self::Commit => "M8 5.25a2.75 2.75 0 1 1 0 5.5 2.75 2.75 0 0 1 0-5.5zM1.5 8h3.75M10.75 8h3.75",
            Self::File => "M3.5 1.75h5.25l3.75 3.75v8.75h-9zM8.75 1.75V5.5h3.75",
            Self::External => "M6.5 3.5h-3v9h9v-3M9.5 2.5h4v4M13.5 2.5 7.5 8.5",
            Self::Copy => "M5.75 5.75h7.5v7.5h-7.5zM10.25 5.75v-3h-7.5v7.5h3",
            Self::Done => "M3 8.5l3.25 3.25L13 4.75",
            Self::Rollback => "M3 6.25h6.5a3.5 3.5 0 0 1 0 7H6M3 6.25 6 3.25M3 6.25l3 3",
            Self::Forward => "M6 3.5 10.5 8 6 12.5",
            Self::Back => "M10 3.5 5.5 8l4.5 4.5",
            Self::Prompt => "M2.5 4 6 7.5 2.5 11M8 12h5.5",
            Self::SignOut => "M6.5 2.5h-4v11h4M10 5l3 3-3 3M13 8H6",
            Self::Lock => "M3.5 7.5h9v6h-9zM5.5 7.5v-2a2.5 2.5 0 0 1 5 0v2",
            Self::Switch => "M4.5 6.5L8 10l3.5-3.5",
            Self::Clear => "M4.5 4.5l7 7M11.5 4.5l-7 7",
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
        <svg class=class viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false">
            <path d=glyph.path()></path>
        </svg>
    }
    .into_any()
}
