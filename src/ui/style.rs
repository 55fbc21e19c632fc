//! Fonts and style: what makes egui's widgets look like this program. Colours come from the theme only.

use std::collections::BTreeMap;
use std::sync::Arc;

use egui::{Color32, CornerRadius, FontData, FontDefinitions, FontFamily, FontId, Margin, Stroke, TextStyle, vec2};

use crate::view::theme::{Rgba, Theme, ThemeName};

/// Family of the heavier weight.
const SEMIBOLD: &str = "semibold";

/// Family of the icons.
const ICONS: &str = "phosphor";

/// Colours and fonts for painting; copied into every panel.
#[derive(Clone, Copy, Debug)]
pub struct Kit {
    /// The colours.
    pub theme: &'static Theme,
}

/// A colour of the theme for egui.
#[must_use]
pub fn colour([r, g, b, a]: Rgba) -> Color32 {
    Color32::from_rgba_unmultiplied(r, g, b, a)
}

impl Kit {
    /// The kit of a theme.
    #[must_use]
    pub const fn new(theme: ThemeName) -> Self {
        Self { theme: Theme::of(theme) }
    }

    /// Read first.
    #[must_use]
    pub fn text(&self) -> Color32 {
        colour(self.theme.text)
    }

    /// Read second.
    #[must_use]
    pub fn quiet(&self) -> Color32 {
        colour(self.theme.quiet)
    }

    /// May be overlooked.
    #[must_use]
    pub fn faint(&self) -> Color32 {
        colour(self.theme.faint)
    }

    /// Selection and focus.
    #[must_use]
    pub fn accent(&self) -> Color32 {
        colour(self.theme.accent)
    }

    /// A panel.
    #[must_use]
    pub fn panel(&self) -> Color32 {
        colour(self.theme.panel)
    }

    /// What lies on a panel.
    #[must_use]
    pub fn raised(&self) -> Color32 {
        colour(self.theme.raised)
    }

    /// Hairline colour.
    #[must_use]
    pub fn line(&self) -> Color32 {
        colour(self.theme.line)
    }

    /// A panel over the scene.
    #[must_use]
    pub fn glass(&self) -> Color32 {
        colour(self.theme.glass)
    }

    /// A hairline.
    #[must_use]
    pub fn hairline(&self) -> Stroke {
        Stroke::new(1.0, self.line())
    }

    /// The ground of a selected row.
    #[must_use]
    pub fn selected(&self) -> Color32 {
        self.accent().gamma_multiply(0.12)
    }
}

/// The body weight at a size.
#[must_use]
pub const fn font(size: f32) -> FontId {
    FontId::new(size, FontFamily::Proportional)
}

/// The heavier weight at a size.
#[must_use]
pub fn bold(size: f32) -> FontId {
    FontId::new(size, FontFamily::Name(SEMIBOLD.into()))
}

/// Raw payloads, topics, expressions.
#[must_use]
pub const fn mono(size: f32) -> FontId {
    FontId::new(size, FontFamily::Monospace)
}

/// Icons at a size.
#[must_use]
pub fn icons(size: f32) -> FontId {
    FontId::new(size, FontFamily::Name(ICONS.into()))
}

/// The fonts of the program. Inter has tabular digits by default, made so in the file: egui applies no OpenType features.
#[must_use]
pub fn fonts() -> FontDefinitions {
    let mut data = BTreeMap::new();
    let mut add = |name: &str, bytes: &'static [u8]| {
        let mut font = FontData::from_static(bytes);
        // Hinting moves each size to its own grid: 13 and 14 points would look like two typefaces.
        font.tweak.hinting = Some(false);
        data.insert(name.to_owned(), Arc::new(font));
    };
    add("inter", include_bytes!("../../assets/fonts/Inter-tnum-Regular.ttf"));
    add("inter-semibold", include_bytes!("../../assets/fonts/Inter-tnum-SemiBold.ttf"));
    add("jetbrains-mono", include_bytes!("../../assets/fonts/JetBrainsMono-Regular.ttf"));
    add(ICONS, egui_phosphor::Variant::Regular.font_bytes());
    let family = |fonts: &[&str]| fonts.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
    let mut families = BTreeMap::new();
    families.insert(FontFamily::Proportional, family(&["inter", ICONS]));
    families.insert(FontFamily::Monospace, family(&["jetbrains-mono", "inter", ICONS]));
    families.insert(FontFamily::Name(SEMIBOLD.into()), family(&["inter-semibold", ICONS]));
    families.insert(FontFamily::Name(ICONS.into()), family(&[ICONS, "inter"]));
    FontDefinitions { font_data: data, families }
}

/// Sets the style of every widget.
pub fn apply(ctx: &egui::Context, name: ThemeName) {
    let kit = Kit::new(name);
    let dark = name == ThemeName::Dark;
    ctx.set_theme(if dark { egui::Theme::Dark } else { egui::Theme::Light });
    ctx.all_styles_mut(|style| {
        style.text_styles = [
            (TextStyle::Small, font(12.0)),
            (TextStyle::Body, font(14.0)),
            (TextStyle::Button, font(14.0)),
            (TextStyle::Heading, bold(20.0)),
            (TextStyle::Monospace, mono(12.0)),
        ]
        .into();
        style.animation_time = 0.18;
        style.interaction.selectable_labels = false;
        style.interaction.tooltip_delay = 0.45;
        style.spacing.item_spacing = vec2(8.0, 6.0);
        style.spacing.button_padding = vec2(10.0, 5.0);
        style.spacing.menu_margin = Margin::same(8);
        style.spacing.window_margin = Margin::same(12);
        style.spacing.tooltip_width = 420.0;
        style.spacing.scroll = egui::style::ScrollStyle {
            bar_width: 6.0,
            floating_width: 3.0,
            handle_min_length: 28.0,
            foreground_color: false,
            dormant_handle_opacity: 0.35,
            active_handle_opacity: 0.6,
            interact_handle_opacity: 0.9,
            dormant_background_opacity: 0.0,
            active_background_opacity: 0.0,
            interact_background_opacity: 0.0,
            ..egui::style::ScrollStyle::floating()
        };
        let visuals = &mut style.visuals;
        *visuals = if dark { egui::Visuals::dark() } else { egui::Visuals::light() };
        visuals.override_text_color = None;
        visuals.panel_fill = kit.panel();
        visuals.window_fill = kit.raised();
        visuals.window_stroke = kit.hairline();
        visuals.window_corner_radius = CornerRadius::same(8);
        visuals.menu_corner_radius = CornerRadius::same(8);
        visuals.extreme_bg_color = colour(kit.theme.bg);
        visuals.faint_bg_color = kit.raised();
        visuals.code_bg_color = colour(kit.theme.bg);
        visuals.hyperlink_color = kit.accent();
        visuals.selection.bg_fill = kit.accent().gamma_multiply(0.35);
        visuals.selection.stroke = Stroke::new(1.0, kit.text());
        visuals.weak_text_color = Some(kit.quiet());
        visuals.popup_shadow =
            egui::Shadow { offset: [0, 6], blur: 18, spread: 0, color: Color32::from_black_alpha(110) };
        visuals.window_shadow =
            egui::Shadow { offset: [0, 10], blur: 32, spread: 0, color: Color32::from_black_alpha(130) };
        visuals.text_cursor.stroke = Stroke::new(1.5, kit.accent());
        visuals.indent_has_left_vline = false;
        for (widget, fill, line, text) in [
            (&mut visuals.widgets.noninteractive, kit.panel(), kit.line(), kit.text()),
            (&mut visuals.widgets.inactive, kit.raised(), kit.line(), kit.text()),
            (&mut visuals.widgets.hovered, kit.line(), kit.faint(), kit.text()),
            (&mut visuals.widgets.active, kit.line(), kit.accent(), kit.text()),
            (&mut visuals.widgets.open, kit.raised(), kit.line(), kit.text()),
        ] {
            widget.bg_fill = fill;
            widget.weak_bg_fill = fill;
            widget.bg_stroke = Stroke::new(1.0, line);
            widget.fg_stroke = Stroke::new(1.0, text);
            widget.corner_radius = CornerRadius::same(6);
            widget.expansion = 0.0;
        }
    });
}
