use super::super::testing::Script;
use super::layout::{Diagram, diagram};
use super::shape::{Area, Shape, Style, Text};
use super::text;

const CLIENT: (u32, u32) = (5, 5);
const SERVER: (u32, u32) = (7, 8);

fn script() -> Script {
    let mut script = Script::default();
    script
        .name(CLIENT, "a_client_with_a_long_name")
        .name(SERVER, "server");
    script.call(CLIENT, SERVER, |script| {
        script.call(SERVER, (0, 1 << 31), |_| {});
    });
    script.call((9, 9), SERVER, |_| {});
    script
}

fn texts(diagram: &Diagram) -> Vec<&Text> {
    fn text(shape: &Shape) -> Option<&Text> {
        match shape {
            Shape::Text(text) => Some(text),
            Shape::Area(..) | Shape::Down { .. } | Shape::Arrow { .. } => None,
        }
    }
    diagram.shapes.iter().filter_map(text).collect()
}

#[test]
fn no_text_overlaps_another() {
    let diagram = diagram(&script().recorded(), "a line");
    let texts = texts(&diagram);
    assert!(texts.len() > 60);
    for (place, one) in texts.iter().enumerate() {
        for other in &texts[place + 1..] {
            assert!(!one.area().meets(&other.area()), "{one:?} and {other:?}");
        }
    }
}

#[test]
fn two_dozen_threads_with_long_names_overlap_nowhere() {
    let mut script = Script::default();
    for number in 0..24 {
        let server = (100 + number / 3, 1_000_000 + number);
        script.name(server, "a_service_whose_name_is_too_long");
        script.call(CLIENT, server, |_| {});
    }
    let diagram = diagram(&script.recorded(), "many");
    let texts = texts(&diagram);
    let driver = texts.iter().filter(|text| text.text == "driver").count();
    assert!(driver > 1, "the heads are not repeated");
    for (place, one) in texts.iter().enumerate() {
        let Area { x, width, .. } = one.area();
        assert!(x >= 0.0 && x + width <= diagram.width, "{one:?}");
        for other in &texts[place + 1..] {
            assert!(!one.area().meets(&other.area()), "{one:?} and {other:?}");
        }
    }
}

#[test]
fn no_text_is_cut_off_at_the_edges() {
    let diagram = diagram(&script().recorded(), &"a very long line; ".repeat(20));
    for text in texts(&diagram) {
        let Area { x, y, width, height } = text.area();
        assert!(x >= 0.0 && y >= 0.0, "{text:?}");
        assert!(
            x + width <= diagram.width && y + height <= diagram.height,
            "{text:?}"
        );
    }
}

#[test]
fn no_label_reaches_over_the_driver_s_line() {
    let diagram = diagram(&script().recorded(), "a line");
    let driver = texts(&diagram)
        .iter()
        .find(|text| text.text == "driver")
        .map(|text| text.x);
    let driver = driver.expect("the driver has a column");
    for text in texts(&diagram) {
        if text.text.starts_with("BC_") || text.text.starts_with("BR_") {
            let area = text.area();
            assert!(area.x > driver || area.x + area.width < driver, "{text:?}");
        }
    }
}

#[test]
fn each_command_and_return_has_its_arrow() {
    let diagram = diagram(&script().recorded(), "a line");
    let count = |wanted: Style| {
        let arrows = diagram
            .shapes
            .iter()
            .filter(|shape| matches!(shape, Shape::Arrow { style, .. } if *style == wanted));
        arrows.count()
    };
    assert_eq!(count(Style::Command), 3 * 4);
    assert_eq!(count(Style::Return), 3 * 5);
}

#[test]
fn names_that_mean_something_in_xml_are_escaped() {
    let svg = text(&script().recorded(), "a && b < c", &[]);
    assert!(svg.contains("<title>a &amp;&amp; b &lt; c</title>"));
    assert!(!svg.contains("a && b"));
}

#[test]
fn only_what_belongs_to_the_line_is_drawn() {
    use abi::kernel_objects::trace::{LINE_BEGINS, LINE_ENDS};
    const KERNEL: (u32, u32) = (0, 1 << 31);
    let mut script = Script::default();
    script
        .name(CLIENT, "shell")
        .name(SERVER, "server")
        .name((9, 9), "before");
    script.call((9, 9), SERVER, |_| {});
    script.call(CLIENT, KERNEL, |script| {
        script.mark(LINE_BEGINS);
    });
    script.call(CLIENT, SERVER, |_| {});
    script.call(CLIENT, KERNEL, |script| {
        script.mark(LINE_ENDS);
    });
    let svg = text(&script.recorded(), "the line", &[]);
    assert!(svg.contains(">shell<") && svg.contains(">server<"));
    assert!(!svg.contains("before") && !svg.contains(">kernel<"), "{svg}");
    assert_eq!(svg.matches(">BC_TRANSACTION").count(), 1);
    assert_eq!(svg.matches(">BC_FREE_BUFFER").count(), 2);
}

#[test]
fn a_diagram_says_what_it_lacks() {
    let mut recorded = script().recorded();
    recorded.lost = 17;
    let mut long = Script::default();
    for _ in 0..60 {
        long.call(CLIENT, SERVER, |_| {});
    }
    assert!(text(&recorded, "a line", &[]).contains("the first 17 events"));
    assert!(text(&long.recorded(), "a line", &[]).contains("more rows are left out"));
}

#[test]
fn a_diagram_of_some_programs_has_no_others() {
    let svg = text(&script().recorded(), "a line", &["server".to_owned()]);
    assert!(svg.contains(">server<") && !svg.contains(">a_client_with_a_long_name<"));
}
