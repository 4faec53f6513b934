import Testing

@testable import Plotting

/// What must hold for every diagram, read from its drawing calls.
@Suite struct DiagramTests {
  @Test func `every sample is drawn`() {
    #expect(DiagramRecord.all.count == Sample.named.count + Sample.random.count)
  }

  // Faults are counted, since a message for each would take longer than the drawing.

  @Test(arguments: DiagramRecord.all)
  func `boxes stand apart`(record: DiagramRecord) {
    let boxes = record.boxes.map { $0.grown(by: 5) }
    let overlaps = boxes.indices.reduce(0) { count, index in
      count + boxes[..<index].count { $0.overlaps(boxes[index]) }
    }
    #expect(overlaps == 0)
  }

  @Test(arguments: DiagramRecord.all)
  func `texts stand inside their boxes and apart`(record: DiagramRecord) {
    let texts = record.drawing.texts.map(\.box)
    let overlaps = texts.indices.reduce(0) { count, index in
      count + texts[..<index].count { $0.overlaps(texts[index]) }
    }
    #expect(overlaps == 0)
    let holders = texts.map { text in record.boxes.filter { $0.overlaps(text) } }
    let strays = zip(texts, holders).count { text, holders in
      holders.count > 1 || !holders.allSatisfy { $0.contains(text) }
    }
    #expect(strays == 0)
    let written = holders.count { !$0.isEmpty }
    let lines = record.sample.boxes.reduce(0) { $0 + ($1.above == nil ? 1 : 3) }
    #expect(written == lines)
  }

  @Test(arguments: DiagramRecord.all)
  func `arrows run forward, past all boxes but their own`(record: DiagramRecord) {
    #expect(record.heads.count == record.sample.boxes.reduce(0) { $0 + $1.inputs.count })
    let backward = record.heads.count { $0[0].x <= $0[1].x || $0[1].x != $0[2].x }
    #expect(backward == 0)
    let returning = record.lines.count { line in
      zip(line, line.dropFirst()).contains { $0.x > $1.x }
    }
    #expect(returning == 0)
    let faults = record.lines.reduce(0) { count, line in
      count
        + record.boxes.count { box in
          record.touches(line, box, margin: record.joins(line, box) ? -1 : 4)
        }
    }
    #expect(faults == 0)
  }

  @Test(arguments: DiagramRecord.all)
  func `each box is entered by its inputs, from top to bottom`(record: DiagramRecord) {
    for (index, box) in record.sample.boxes.enumerated() {
      let entering = record.lines.indices.filter { record.target(of: $0) == index }
      let sorted = entering.sorted { record.end(of: $0).y < record.end(of: $1).y }
      #expect(sorted.map(record.source) == box.inputs, "box \(index)")
    }
  }

  @Test(arguments: DiagramRecord.all)
  func `nothing touches the rim and the canvas is large enough`(record: DiagramRecord) {
    let drawing = record.drawing
    #expect(drawing.width >= 200 && drawing.height >= 200)
    let inner = Frame(left: 4, top: 4, right: drawing.width - 4, bottom: drawing.height - 4)
    #expect(drawing.points.allSatisfy { inner.grown(by: -1).contains($0) })
    #expect(drawing.texts.allSatisfy { inner.contains($0.box) })
  }

  @Test(arguments: DiagramRecord.all.prefix(20))
  func `the same diagram is drawn the same`(record: DiagramRecord) throws {
    #expect(try record.sample.recorded() == record.drawing)
  }

  @Test func `kinds differ in more than colour`() throws {
    let outlines = try Diagram.Kind.allCases.map { kind in
      let drawing = try Diagram(boxes: [Diagram.Box("a", kind)]).recorded()
      return drawing.calls.map { call -> String in
        switch call {
        case .polyline(let points, let stroke): "\(points.count) \(stroke.width) \(stroke.dash)"
        default: ""
        }
      }
    }
    #expect(Set(outlines).count == Diagram.Kind.allCases.count)
  }

  @Test func `what is too large for a picture says so`() throws {
    let chain = Sample.chain(Diagram.mostBoxes + 1).boxes
    #expect(throws: PlotError(.tooManyBoxes(201, most: 200))) {
      try Diagram(boxes: chain).recorded()
    }
    var long = Diagram(boxes: Array(chain.dropLast()))
    long.scale = 4
    #expect(throws: PlotError.self) { try long.recorded() }
    #expect(try long.recorded(vector: true).calls.isEmpty == false)
  }

  @Test func `signs are printed as such and names are not`() throws {
    let drawing = try Diagram(boxes: [
      Diagram.Box("a-b", .data, above: "-1.5", below: "1e-05"),
      Diagram.Box("*", .operation, note: "so-called", inputs: [0]),
    ]).recorded()
    let texts = drawing.texts.map(\.text)
    #expect(texts.prefix(4) == ["−1.5", "a-b", "1e−05", "×  so-called"])
  }

  @Test func `DOT has every box and arrow, with quotes escaped`() {
    var diagram = Diagram(boxes: [
      Diagram.Box("w", .parameter, above: "1.0", below: "-8.0"), Diagram.Box("2", .constant),
      Diagram.Box("say \"\\\n", .data),
      Diagram.Box("*", .operation, note: "prediction", inputs: [0, 1]),
      Diagram.Box("-", .output, inputs: [3, 2]),
    ])
    diagram.title = "A \"title\""
    diagram.captions = ["of two\nlines"]
    #expect(
      diagram.dot == #"""
        digraph {
          rankdir=LR; ordering=in;
          node [shape=box];
          label="A \"title\""; labelloc=t;
          // of two lines
          n0 [label="1.0\nw\n-8.0", class=parameter, penwidth=2];
          n1 [label="2", class=constant, style=dashed];
          n2 [label="say \"\\ ", class=data];
          n3 [label="*  prediction", class=operation, style=rounded];
          n4 [label="-", class=output, style=rounded, peripheries=2];
          n0 -> n3;
          n1 -> n3;
          n3 -> n4;
          n2 -> n4;
        }

        """#)
  }
}
