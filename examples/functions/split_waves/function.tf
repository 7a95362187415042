locals {
  ids = split("\n", trimspace(file("${path.module}/devices.txt")))

  # About 1 %, 10 % and the rest. Each device is in exactly one wave.
  waves = provider::aep::split_waves(local.ids, [1, 10, 89], "meters 1.3251")
}

output "wave_sizes" {
  value = [for wave in local.waves : length(wave)]
}
