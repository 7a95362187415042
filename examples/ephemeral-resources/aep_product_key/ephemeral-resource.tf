# A campaign whose MasterKey is neither in the configuration nor in the state.
# The first provider block needs only the App Key and the App Secret.
data "aep_product" "meters" {
  name = "Water meters"
}

ephemeral "aep_product_key" "meters" {
  product_id = data.aep_product.meters.product_id
}

provider "aep" {
  alias       = "campaign"
  master_keys = { (data.aep_product.meters.product_id) = ephemeral.aep_product_key.meters.master_key }
}

data "aep_firmware" "target" {
  provider   = aep.campaign
  product_id = data.aep_product.meters.product_id
  version    = "1.3251"
}

resource "aep_upgrade_task" "spring" {
  provider    = aep.campaign
  product_id  = data.aep_product.meters.product_id
  firmware_id = data.aep_firmware.target.firmware_id
  name        = "Water meters, spring"
  retry_times = 2
}
