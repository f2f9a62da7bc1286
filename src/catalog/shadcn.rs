//! The names that ui.shadcn.com serves itself: a bare dependency on one of
//! these means shadcn's, unless the repository's policy says otherwise.
//!
//! Names of the `new-york` style as of 2026-08-21, in byte order.

/// Whether ui.shadcn.com has an item of this name.
pub fn is_shadcn_name(name: &str) -> bool {
    NAMES.binary_search(&name).is_ok()
}

#[rustfmt::skip]
const NAMES: &[&str] = &[
    "accordion", "accordion-demo", "alert", "alert-demo", "alert-destructive", "alert-dialog",
    "alert-dialog-demo", "app-01", "aspect-ratio", "aspect-ratio-demo", "avatar", "avatar-demo",
    "badge", "badge-demo", "badge-destructive", "badge-outline", "badge-secondary", "breadcrumb",
    "breadcrumb-demo", "breadcrumb-dropdown", "breadcrumb-ellipsis", "breadcrumb-link",
    "breadcrumb-responsive", "breadcrumb-separator", "button", "button-01", "button-as-child",
    "button-demo", "button-destructive", "button-ghost", "button-group", "button-icon",
    "button-link", "button-loading", "button-outline", "button-secondary", "button-with-icon",
    "calendar", "calendar-01", "calendar-02", "calendar-03", "calendar-04", "calendar-05",
    "calendar-06", "calendar-07", "calendar-08", "calendar-09", "calendar-10", "calendar-11",
    "calendar-12", "calendar-13", "calendar-14", "calendar-15", "calendar-16", "calendar-17",
    "calendar-18", "calendar-19", "calendar-20", "calendar-21", "calendar-22", "calendar-23",
    "calendar-24", "calendar-25", "calendar-26", "calendar-27", "calendar-28", "calendar-29",
    "calendar-30", "calendar-31", "calendar-32", "calendar-demo", "calendar-form", "card",
    "card-demo", "card-with-form", "carousel", "carousel-api", "carousel-demo",
    "carousel-orientation", "carousel-plugin", "carousel-size", "carousel-spacing", "chart",
    "chart-area-axes", "chart-area-default", "chart-area-gradient", "chart-area-icons",
    "chart-area-interactive", "chart-area-legend", "chart-area-linear", "chart-area-stacked",
    "chart-area-stacked-expand", "chart-area-step", "chart-bar-active", "chart-bar-default",
    "chart-bar-demo", "chart-bar-demo-axis", "chart-bar-demo-grid", "chart-bar-demo-legend",
    "chart-bar-demo-tooltip", "chart-bar-horizontal", "chart-bar-interactive", "chart-bar-label",
    "chart-bar-label-custom", "chart-bar-mixed", "chart-bar-multiple", "chart-bar-negative",
    "chart-bar-stacked", "chart-line-default", "chart-line-dots", "chart-line-dots-colors",
    "chart-line-dots-custom", "chart-line-interactive", "chart-line-label",
    "chart-line-label-custom", "chart-line-linear", "chart-line-multiple", "chart-line-step",
    "chart-pie-donut", "chart-pie-donut-active", "chart-pie-donut-text", "chart-pie-interactive",
    "chart-pie-label", "chart-pie-label-custom", "chart-pie-label-list", "chart-pie-legend",
    "chart-pie-separator-none", "chart-pie-simple", "chart-pie-stacked", "chart-radar-default",
    "chart-radar-dots", "chart-radar-grid-circle", "chart-radar-grid-circle-fill",
    "chart-radar-grid-circle-no-lines", "chart-radar-grid-custom", "chart-radar-grid-fill",
    "chart-radar-grid-none", "chart-radar-icons", "chart-radar-label-custom", "chart-radar-legend",
    "chart-radar-lines-only", "chart-radar-multiple", "chart-radar-radius", "chart-radial-grid",
    "chart-radial-label", "chart-radial-shape", "chart-radial-simple", "chart-radial-stacked",
    "chart-radial-text", "chart-tooltip-advanced", "chart-tooltip-default", "chart-tooltip-demo",
    "chart-tooltip-formatter", "chart-tooltip-icons", "chart-tooltip-indicator-line",
    "chart-tooltip-indicator-none", "chart-tooltip-label-custom", "chart-tooltip-label-formatter",
    "chart-tooltip-label-none", "checkbox", "checkbox-demo", "checkbox-disabled",
    "checkbox-form-multiple", "checkbox-form-single", "checkbox-with-text", "collapsible",
    "collapsible-demo", "combobox-demo", "combobox-dropdown-menu", "combobox-form",
    "combobox-popover", "combobox-responsive", "command", "command-demo", "command-dialog",
    "context-menu", "context-menu-demo", "dashboard-01", "data-table-demo", "date-picker-demo",
    "date-picker-form", "date-picker-with-presets", "date-picker-with-range", "dialog",
    "dialog-close-button", "dialog-demo", "drawer", "drawer-demo", "drawer-dialog", "dropdown-menu",
    "dropdown-menu-checkboxes", "dropdown-menu-demo", "dropdown-menu-radio-group", "empty", "field",
    "form", "hover-card", "hover-card-demo", "index", "input", "input-demo", "input-disabled",
    "input-file", "input-form", "input-group", "input-otp", "input-otp-controlled",
    "input-otp-demo", "input-otp-form", "input-otp-pattern", "input-otp-separator",
    "input-with-button", "input-with-label", "input-with-text", "item", "kbd", "label",
    "label-demo", "login-01", "login-02", "login-03", "login-04", "login-05", "menubar",
    "menubar-demo", "mode-toggle", "navigation-menu", "navigation-menu-demo", "pagination",
    "pagination-demo", "popover", "popover-demo", "progress", "progress-demo", "radio-group",
    "radio-group-demo", "radio-group-form", "resizable", "resizable-demo",
    "resizable-demo-with-handle", "resizable-handle", "resizable-vertical", "scroll-area",
    "scroll-area-demo", "scroll-area-horizontal-demo", "select", "select-demo", "select-form",
    "select-scrollable", "separator", "separator-demo", "sheet", "sheet-demo", "sheet-side",
    "sidebar", "sidebar-01", "sidebar-02", "sidebar-03", "sidebar-04", "sidebar-05", "sidebar-06",
    "sidebar-07", "sidebar-08", "sidebar-09", "sidebar-10", "sidebar-11", "sidebar-12",
    "sidebar-13", "sidebar-14", "sidebar-15", "sidebar-16", "sidebar-controlled", "sidebar-demo",
    "sidebar-footer", "sidebar-group", "sidebar-group-action", "sidebar-group-collapsible",
    "sidebar-header", "sidebar-menu", "sidebar-menu-action", "sidebar-menu-badge",
    "sidebar-menu-collapsible", "sidebar-menu-sub", "sidebar-rsc", "skeleton", "skeleton-card",
    "skeleton-demo", "slider", "slider-demo", "sonner", "sonner-demo", "spinner", "style", "switch",
    "switch-demo", "switch-form", "table", "table-demo", "tabs", "tabs-demo", "textarea",
    "textarea-demo", "textarea-disabled", "textarea-form", "textarea-with-button",
    "textarea-with-label", "textarea-with-text", "theme-daylight", "theme-emerald",
    "theme-midnight", "toast", "toast-demo", "toast-destructive", "toast-simple",
    "toast-with-action", "toast-with-title", "toggle", "toggle-demo", "toggle-disabled",
    "toggle-group", "toggle-group-demo", "toggle-group-disabled", "toggle-group-lg",
    "toggle-group-outline", "toggle-group-single", "toggle-group-sm", "toggle-lg", "toggle-outline",
    "toggle-sm", "toggle-with-text", "tooltip", "tooltip-demo", "typography-blockquote",
    "typography-demo", "typography-h1", "typography-h2", "typography-h3", "typography-h4",
    "typography-inline-code", "typography-large", "typography-lead", "typography-list",
    "typography-muted", "typography-p", "typography-small", "typography-table", "use-mobile",
    "use-toast", "utils", "v0-login-01", "v0-sidebar-01", "v0-sidebar-02", "v0-sidebar-03",
    "v0-sidebar-04", "v0-sidebar-05", "v0-sidebar-06", "v0-sidebar-07", "v0-sidebar-08",
    "v0-sidebar-09", "v0-sidebar-10", "v0-sidebar-11", "v0-sidebar-12", "v0-sidebar-13",
    "v0-sidebar-14", "v0-sidebar-15", "v0-sidebar-16",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted_so_that_it_can_be_searched() {
        assert!(NAMES.is_sorted());
        assert!(is_shadcn_name("button") && is_shadcn_name("sidebar-07"));
        assert!(!is_shadcn_name("acme-button"));
    }
}
