//! What is printed of an organisation's settings.
#![expect(clippy::print_stdout, reason = "this is the command line's voice")]

use model::view::SettingsView;

pub(super) fn print(settings: &SettingsView) {
    let origin = |is_set: bool| if is_set { "" } else { "  (default)" };
    let policy = settings.default_policy.map_or("by what is found", model::DependencyPolicy::as_str);
    println!("Alias       {}{}", settings.alias(), origin(settings.alias.is_some()));
    println!("Name        {}{}", settings.name(), origin(settings.name.is_some()));
    println!("Home page   {}{}", settings.homepage(), origin(settings.homepage.is_some()));
    println!("Policy      {policy}{}", origin(settings.default_policy.is_some()));
    let accent = settings.accent.map_or("blue", model::Accent::as_str);
    println!("Accent      {accent}{}", origin(settings.accent.is_some()));
    if settings.public {
        println!("Visibility  public: anyone may list and install everything, without a token");
    } else {
        println!("Visibility  private: only who proves it may install");
    }
}
