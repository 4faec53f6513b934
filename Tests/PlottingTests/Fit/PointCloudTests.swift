import Foundation
import Testing

@testable import Plotting

/// Many points are few dots that look like them.
@Suite struct PointCloudTests {
  private static let frame = Frame(left: 10, top: 20, right: 580, bottom: 290)

  /// Points whose distance from the middle of the frame is normal.
  private static func points(_ count: Int) -> [Point] {
    var state: UInt64 = 7
    func uniform() -> Double {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return (Double(state >> 11) + 1) / 9_007_199_254_740_994
    }
    return (0..<count).map { _ in
      let x = frame.left + frame.width * uniform()
      let offset = 30 * (-2 * log(uniform())).squareRoot() * cos(2 * .pi * uniform())
      return Point(x: x, y: min(max(155 + offset, frame.top), frame.bottom))
    }
  }

  @Test(arguments: [2000, 20_000, 100_000])
  func `dots are few, and every point has one at its place`(count: Int) {
    let points = Self.points(count)
    let cloud = PointCloud(points, in: Self.frame)
    let dots = cloud.layers.first?.points ?? []
    #expect(dots.count <= 12_000)
    #expect(count > 2000 || dots.count > 1900)
    #expect(Set(dots).isSubset(of: Set(points)))
    var cells: [Point: [Point]] = [:]
    func cell(_ point: Point, _ dx: Double = 0, _ dy: Double = 0) -> Point {
      Point(x: (point.x / 6).rounded() + dx, y: (point.y / 6).rounded() + dy)
    }
    for dot in dots { cells[cell(dot), default: []].append(dot) }
    let far = points.filter { point in
      ![-1.0, 0, 1].contains { dx in
        [-1.0, 0, 1].contains { dy in
          cells[cell(point, dx, dy)]?.contains {
            hypot($0.x - point.x, $0.y - point.y) <= 2 * cloud.radius
          } == true
        }
      }
    }
    #expect(far.isEmpty)
  }

  @Test func `dense parts are darker, and no layer has dots that the one below lacks`() throws {
    let cloud = PointCloud(Self.points(200_000), in: Self.frame)
    #expect(cloud.layers.count == 4)
    for (below, above) in zip(cloud.layers, cloud.layers.dropFirst()) {
      #expect(Set(above.points).isSubset(of: Set(below.points)))
    }
    #expect(abs(cloud.layers[0].opacity - PointCloud.opacity) < 1e-12)
    let seenThrough = cloud.layers.reduce(1) { $0 * (1 - $1.opacity) }
    #expect(abs(seenThrough - 0.3) < 1e-12)
    let distances = try #require(cloud.layers.last).points.map { abs($0.y - 155) }
    #expect(try #require(distances.max()) < 60, "two standard deviations")
  }

  @Test func `a lone point in each place is as faint as one alone`() {
    let points = (0..<2500).map {
      Point(x: 20 + 10 * Double($0 % 50), y: 30 + 5 * Double($0 / 50))
    }
    let cloud = PointCloud(points, in: Self.frame)
    #expect(cloud.layers.count == 1 && cloud.layers[0].points == points)
    #expect(abs(cloud.layers[0].opacity - PointCloud.opacity) < 1e-12)
    #expect(cloud.radius == PointCloud.radius)
  }

  @Test func `a hundred thousand points stay a small file`() throws {
    let points = Self.points(100_000)
    let figure = FitFigure(x: points.map(\.x), y: points.map(\.y), half: 60) { _ in 155 }
    let size = try figure.picture(as: .svg, creator: "test").bytes.count
    #expect(size < 4_000_000)
    #expect(try figure.recorded().discs.isEmpty)
  }
}
