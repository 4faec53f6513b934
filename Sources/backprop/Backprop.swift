import ArgumentParser
@main struct Backprop: ParsableCommand { func run() { } }
