# The MasterKey of a product without a copy of it in a file, a variable, the plan
# or the state. This needs Terraform 1.10 or OpenTofu 1.11. The console shows the
# key in 产品概况 (product overview) as Master-APIkey. There are no variables: write the
# names of your product, firmware and task.

terraform {
  required_version = ">= 1.10"

  required_providers {
    aep = {
      source = "ctwing/aep"
    }
  }
}

# The first configuration needs only AEP_APP_KEY and AEP_APP_SECRET: the
# look-ups of a product use no MasterKey. The application must have subscribed to
# 产品管理 (product management).
provider "aep" {}

data "aep_product" "meters" {
  name = "Water meters"
}

# The key is read again in each plan and apply, and never stored.
ephemeral "aep_product_key" "meters" {
  product_id = data.aep_product.meters.product_id
}

# The second configuration has the key. All resources of the campaign use it.
provider "aep" {
  alias = "campaign"

  master_keys = {
    (data.aep_product.meters.product_id) = ephemeral.aep_product_key.meters.master_key
  }
}

data "aep_firmware" "target" {
  provider = aep.campaign

  product_id = data.aep_product.meters.product_id
  version    = "1.3251"
}

resource "aep_upgrade_task" "meters" {
  provider = aep.campaign

  product_id  = data.aep_product.meters.product_id
  firmware_id = data.aep_firmware.target.firmware_id
  name        = "Water meters to 1.3251"
  retry_times = 2
}
