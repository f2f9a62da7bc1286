//! The languages of the dashboard, on the server and in the browser.

#[cfg(feature = "ssr")]
tokio::task_local! {
    static SPOKEN: Language;
}

/// A language that the dashboard speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Language {
    /// The one that the source is written in.
    #[default]
    English,
    /// Its words are in `locales/`.
    Spanish,
}

impl Language {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::English, Self::Spanish];

    /// Its BCP 47 tag.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Spanish => "es",
        }
    }

    /// What it calls itself.
    pub const fn name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::Spanish => "Español",
        }
    }

    /// The language with this tag, whatever region it adds: `es-MX` is Spanish.
    pub fn of_tag(tag: &str) -> Option<Self> {
        let language = tag.split('-').next().unwrap_or_default();
        Self::ALL.into_iter().find(|one| one.tag().eq_ignore_ascii_case(language))
    }

    /// The one that the page speaks: of what is rendered, else of what is answered.
    #[cfg(feature = "ssr")]
    pub fn current() -> Self {
        leptos::prelude::use_context().or_else(|| SPOKEN.try_get().ok()).unwrap_or_default()
    }

    /// Has what is done in `answering` speak this language.
    #[cfg(feature = "ssr")]
    pub async fn spoken<T>(self, answering: impl Future<Output = T>) -> T {
        SPOKEN.scope(self, answering).await
    }

    /// The one that the page speaks.
    #[cfg(not(feature = "ssr"))]
    pub fn current() -> Self {
        let root = leptos::prelude::document().document_element();
        root.and_then(|root| root.get_attribute("lang")).and_then(|tag| Self::of_tag(&tag)).unwrap_or_default()
    }
}
