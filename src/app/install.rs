//! The commands that install a component, one for each package manager.

use serde::Serialize;

/// The cookie that keeps someone's package manager; a script writes it, the
/// server reads it, so that nothing moves when a page is shown.
pub const COOKIE: &str = "pm";

/// What runs the shadcn CLI in a project.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum PackageManager {
    /// pnpm.
    Pnpm,
    /// npm.
    #[default]
    Npm,
    /// Yarn, 2 and newer.
    Yarn,
    /// Bun.
    Bun,
}

impl PackageManager {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Self; 4] = [Self::Pnpm, Self::Npm, Self::Yarn, Self::Bun];

    /// Its name, which is also the cookie's value.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pnpm => "pnpm",
            Self::Npm => "npm",
            Self::Yarn => "yarn",
            Self::Bun => "bun",
        }
    }

    /// The one that a `Cookie` header names; npm unless it names one.
    pub fn of_cookies(header: &str) -> Self {
        let value = header.split(';').find_map(|pair| pair.trim().strip_prefix(COOKIE)?.strip_prefix('='));
        Self::ALL.into_iter().find(|manager| Some(manager.as_str()) == value).unwrap_or_default()
    }

    /// The command that adds an item: `@acme/button`, or its address.
    pub fn command(self, item: &str) -> String {
        let runner = match self {
            Self::Pnpm => "pnpm dlx",
            Self::Npm => "npx",
            Self::Yarn => "yarn dlx",
            Self::Bun => "bunx --bun",
        };
        format!("{runner} shadcn@latest add {}", word(item))
    }
}

/// A text as one word of a shell's command.
fn word(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '@' | '/' | ':' | '.' | '-' | '_' | '+' | ',');
    if text.chars().all(is_plain) { text.to_owned() } else { format!("'{}'", text.replace('\'', r"'\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_package_manager_has_its_command() {
        let commands = PackageManager::ALL.map(|manager| manager.command("@acme/button@v1"));
        assert_eq!(
            commands,
            [
                "pnpm dlx shadcn@latest add @acme/button@v1",
                "npx shadcn@latest add @acme/button@v1",
                "yarn dlx shadcn@latest add @acme/button@v1",
                "bunx --bun shadcn@latest add @acme/button@v1",
            ]
        );
    }

    #[test]
    fn an_odd_name_stays_one_word() {
        assert_eq!(PackageManager::Npm.command("@a/b; rm -rf ~"), "npx shadcn@latest add '@a/b; rm -rf ~'");
        assert_eq!(PackageManager::Npm.command("a'$(x)"), r"npx shadcn@latest add 'a'\''$(x)'");
    }

    #[test]
    fn the_cookie_names_one_of_them_or_none() {
        assert_eq!(PackageManager::of_cookies("a=b; pm=bun; c=d"), PackageManager::Bun);
        assert_eq!(PackageManager::of_cookies("pm=rm -rf"), PackageManager::Npm);
        assert_eq!(PackageManager::of_cookies("xpm=bun; pmx=bun"), PackageManager::Npm);
        assert_eq!(PackageManager::of_cookies(""), PackageManager::Npm);
    }
}
